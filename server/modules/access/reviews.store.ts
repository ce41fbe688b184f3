import type { AccessReview, ReviewItem } from '@loro/contracts/access-reviews';
import { RoleKey } from '@loro/contracts/access-roles';
import { QueryTypes } from 'sequelize';
import type { Hub } from '../../platform';

interface ReviewRow {
  readonly id: string;
  readonly title: string;
  readonly state: AccessReview['state'];
  readonly dueAt: Date;
  readonly items: number;
  readonly decided: number;
  readonly revoked: number;
  readonly begunBy: string;
  readonly begunAt: Date;
  readonly closedBy: string | null;
  readonly closedAt: Date | null;
}

interface ItemRow extends Omit<ReviewItem, 'role' | 'grantedAt' | 'decidedAt'> {
  readonly role: string;
  readonly grantedAt: Date;
  readonly decidedAt: Date | null;
}

const REVIEW = `r.id, r.title, r.state, r.due_at AS dueAt, r.begun_by AS begunBy, r.begun_at AS begunAt,
  r.closed_by AS closedBy, r.closed_at AS closedAt, n.items, n.decided, n.revoked`;
const REVIEWS = `access_reviews r JOIN (
    SELECT org_id, review_id, COUNT(*) AS items, COUNT(decision) AS decided,
      COUNT(IF(decision = 'revoke', 1, NULL)) AS revoked
    FROM access_review_items WHERE org_id = :orgId GROUP BY org_id, review_id
  ) n ON n.org_id = r.org_id AND n.review_id = r.id`;
const ITEM = `id, user_id AS userId, role, branch_id AS branchId, granted_at AS grantedAt, decision, note,
  decided_by AS decidedBy, decided_at AS decidedAt`;

/** Rows of reviews and what they go through. */
export class ReviewsStore {
  constructor(private readonly hub: Hub) {}

  /** With an item for every role of a person that counts now. */
  async begin(
    orgId: string,
    review: { readonly id: string; readonly title: string; readonly dueAt: Date; readonly begunBy: string },
    items: readonly Pick<ItemRow, 'id' | 'userId' | 'role' | 'branchId' | 'grantedAt'>[],
  ): Promise<void> {
    await this.change(
      `INSERT INTO access_reviews (org_id, id, title, due_at, begun_by, begun_at)
       VALUES (:orgId, :id, :title, :dueAt, :begunBy, :now)`,
      { orgId, ...review, now: this.hub.now() },
    );
    for (let from = 0; from < items.length; from += 1_000) {
      const rows = items
        .slice(from, from + 1_000)
        .map(({ id, userId, role, branchId, grantedAt }) => [orgId, id, review.id, userId, role, branchId, grantedAt]);
      await this.hub.sequelize.query(
        `INSERT INTO access_review_items (org_id, id, review_id, user_id, role, branch_id, granted_at)
         VALUES ${rows.map(() => '(?,?,?,?,?,?,?)').join(',')}`,
        { replacements: rows.flat() },
      );
    }
  }

  async find(orgId: string, id: string): Promise<AccessReview | null> {
    const [row] = await this.hub.select<ReviewRow>(
      `SELECT ${REVIEW} FROM ${REVIEWS} WHERE r.org_id = :orgId AND r.id = :id`,
      { orgId, id },
    );
    return row ? reviewOf(row) : null;
  }

  async list(orgId: string, before: string | undefined, limit: number): Promise<AccessReview[]> {
    const rows = await this.hub.select<ReviewRow>(
      `SELECT ${REVIEW} FROM ${REVIEWS} WHERE r.org_id = :orgId ${before === undefined ? '' : 'AND r.id < :before'}
       ORDER BY r.id DESC LIMIT :limit`,
      { orgId, before, limit },
    );
    return rows.map((row) => reviewOf(row));
  }

  async items(
    orgId: string,
    reviewId: string,
    { isOpen, after, limit }: { readonly isOpen: boolean; readonly after?: string | undefined; readonly limit: number },
  ): Promise<ReviewItem[]> {
    const rows = await this.hub.select<ItemRow>(
      `SELECT ${ITEM} FROM access_review_items WHERE org_id = :orgId AND review_id = :reviewId
       ${isOpen ? 'AND decision IS NULL' : ''} ${after === undefined ? '' : 'AND id > :after'} ORDER BY id LIMIT :limit`,
      { orgId, reviewId, after, limit },
    );
    return rows.map((row) => itemOf(row));
  }

  async item(orgId: string, reviewId: string, id: string): Promise<ReviewItem | null> {
    const [row] = await this.hub.select<ItemRow>(
      `SELECT ${ITEM} FROM access_review_items WHERE org_id = :orgId AND review_id = :reviewId AND id = :id`,
      { orgId, reviewId, id },
    );
    return row ? itemOf(row) : null;
  }

  /** @returns false where it was decided, or its review was closed, before */
  async decide(
    orgId: string,
    id: string,
    { decision, note, by }: { readonly decision: 'keep' | 'revoke'; readonly note: string; readonly by: string },
  ): Promise<boolean> {
    const decided = await this.change(
      `UPDATE access_review_items i JOIN access_reviews r ON r.org_id = i.org_id AND r.id = i.review_id
       SET i.decision = :decision, i.note = :note, i.decided_by = :by, i.decided_at = :now
       WHERE i.org_id = :orgId AND i.id = :id AND i.decision IS NULL AND r.state = 'open'`,
      { orgId, id, decision, note: note === '' ? null : note, by, now: this.hub.now() },
    );
    return decided > 0;
  }

  /** @returns false where it was closed before */
  async close(orgId: string, id: string, by: string): Promise<boolean> {
    const closed = await this.change(
      `UPDATE access_reviews SET state = 'closed', open_mark = NULL, closed_by = :by, closed_at = :now
       WHERE org_id = :orgId AND id = :id AND state = 'open'`,
      { orgId, id, by, now: this.hub.now() },
    );
    return closed > 0;
  }

  private async change(statement: string, replacements: Record<string, unknown>): Promise<number> {
    const [, affected] = await this.hub.sequelize.query(statement, { replacements, type: QueryTypes.UPDATE });
    return affected;
  }
}

const reviewOf = ({ dueAt, begunAt, closedAt, ...row }: ReviewRow): AccessReview => ({
  ...row,
  dueAt: dueAt.toISOString(),
  begunAt: begunAt.toISOString(),
  closedAt: closedAt?.toISOString() ?? null,
});

const itemOf = ({ role, grantedAt, decidedAt, ...row }: ItemRow): ReviewItem => ({
  ...row,
  role: RoleKey.parse(role),
  grantedAt: grantedAt.toISOString(),
  decidedAt: decidedAt?.toISOString() ?? null,
});
