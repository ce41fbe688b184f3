import type { AccessReview, ReviewItem } from '@loro/contracts/access-reviews';
import { Op } from 'sequelize';
import {
  type Actor,
  allow,
  Conflict,
  Forbidden,
  type Hub,
  Invalid,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  ulid,
  ulidInOrder,
} from '../../platform';
import type { Holdings } from './holdings.service';
import { RoleGrantModel } from './role-grant.model';
import { ReviewsStore } from './reviews.store';

const AT_ONCE = 200;

interface Paged {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Going through who holds which role: each is confirmed or taken, by somebody else than who holds it. */
export class Reviews {
  private readonly rows: ReviewsStore;

  constructor(
    private readonly hub: Hub,
    private readonly holdings: Holdings,
  ) {
    this.rows = new ReviewsStore(hub);
  }

  async begin(actor: Actor, { title, dueAt }: { title: string; dueAt: string }): Promise<AccessReview> {
    const { orgId, userId } = actor;
    allow(actor, 'roles.manage', { orgId });
    const now = this.hub.now();
    if (new Date(dueAt) <= now)
      throw new Invalid('VALIDATION_FAILED', 'Wrong: dueAt.', {
        errors: [{ path: 'dueAt', code: 'too_small', message: 'is not in the future' }],
      });
    const id = ulid(now.getTime());
    return this.hub.transact(async (after) => {
      const held = await RoleGrantModel.findAll({
        where: { orgId, expiresAt: { [Op.or]: [null, { [Op.gt]: now }] } },
        order: ['userId', 'role'],
      });
      const items = held.map(({ userId: holder, role, branchId, grantedAt }) => ({
        id: ulidInOrder(now.getTime()),
        userId: holder,
        role,
        branchId,
        grantedAt,
      }));
      await this.rows
        .begin(orgId, { id, title, dueAt: new Date(dueAt), begunBy: userId }, items)
        .catch(onDuplicate((cause) => new Conflict('REVIEW_OPEN', 'Another review is open.', { cause })));
      after.record({
        type: 'security_event',
        action: 'access-review.begun',
        entity: { type: 'access-review', id },
        data: { title, dueAt, items: items.length },
      });
      return this.one(orgId, id);
    });
  }

  async get(actor: Actor, id: string): Promise<AccessReview> {
    allow(actor, 'roles.read', { orgId: actor.orgId });
    return this.one(actor.orgId, id);
  }

  async list(actor: Actor, { limit, cursor }: Paged): Promise<Page<AccessReview>> {
    allow(actor, 'roles.read', { orgId: actor.orgId });
    const before = this.hub.cursors.decode('access-reviews', cursor)?.[0];
    const rows = await this.rows.list(actor.orgId, before === undefined ? undefined : String(before), limit + 1);
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('access-reviews', [id]),
      (row) => row,
    );
  }

  async items(
    actor: Actor,
    reviewId: string,
    { limit, cursor, open }: Paged & { open: string },
  ): Promise<Page<ReviewItem>> {
    await this.get(actor, reviewId);
    const last = this.hub.cursors.decode('access-review-items', cursor)?.[0];
    const rows = await this.rows.items(actor.orgId, reviewId, {
      isOpen: open === 'true',
      after: last === undefined ? undefined : String(last),
      limit: limit + 1,
    });
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('access-review-items', [id]),
      (row) => row,
    );
  }

  /** Taking a role happens with the decision, under the rules for taking roles; what these refuse is not decided. */
  async decide(
    actor: Actor,
    reviewId: string,
    itemId: string,
    { decision, note }: { decision: 'keep' | 'revoke'; note: string },
  ): Promise<ReviewItem> {
    const { orgId, userId } = actor;
    allow(actor, 'roles.manage', { orgId });
    const { state } = await this.one(orgId, reviewId);
    const item = await this.item(orgId, reviewId, itemId);
    if (item.userId === userId) throw new Forbidden('FORBIDDEN', 'Nobody decides about his own roles.');
    if (state === 'closed') throw new Conflict('REVIEW_CLOSED', 'This review is closed.');
    return this.hub.transact(async (after) => {
      if (!(await this.rows.decide(orgId, itemId, { decision, note, by: userId })))
        throw new Conflict('ITEM_DECIDED', 'This was decided before, or the review was closed.');
      if (decision === 'revoke') await this.take(actor, item);
      after.record({
        type: 'security_event',
        action: decision === 'keep' ? 'access-review.kept' : 'access-review.revoked',
        entity: { type: 'user', id: item.userId },
        data: { review: reviewId, role: item.role, branchId: item.branchId, note },
      });
      return this.item(orgId, reviewId, itemId);
    });
  }

  async close(actor: Actor, reviewId: string, isRevoking: boolean): Promise<AccessReview> {
    const { orgId, userId } = actor;
    allow(actor, 'roles.manage', { orgId });
    const { state } = await this.one(orgId, reviewId);
    if (state === 'closed') throw new Conflict('REVIEW_CLOSED', 'This review is closed.');
    const left = isRevoking ? await this.revokeRest(actor, reviewId) : 0;
    return this.hub.transact(async (after) => {
      if (!(await this.rows.close(orgId, reviewId, userId)))
        throw new Conflict('REVIEW_CLOSED', 'Somebody else has closed this review.');
      const review = await this.one(orgId, reviewId);
      const { items, decided, revoked } = review;
      after.record({
        type: 'security_event',
        action: 'access-review.closed',
        entity: { type: 'access-review', id: reviewId },
        data: { items, decided, revoked, undecided: items - decided, notTaken: left },
      });
      return review;
    });
  }

  /** @returns how many stay, because the rules for taking roles keep them: the last administrator, the owner, one's own */
  private async revokeRest(actor: Actor, reviewId: string): Promise<number> {
    let left = 0;
    let after: string | undefined;
    for (;;) {
      const open = await this.rows.items(actor.orgId, reviewId, { isOpen: true, after, limit: AT_ONCE });
      for (const { id } of open)
        await this.decide(actor, reviewId, id, { decision: 'revoke', note: 'nobody decided' }).catch(
          (error: unknown) => {
            if (!(error instanceof Conflict || error instanceof Forbidden)) throw error;
            left += 1;
          },
        );
      after = open.at(-1)?.id;
      if (open.length < AT_ONCE) return left;
    }
  }

  /** A role that went by itself meanwhile is taken already. */
  private async take(actor: Actor, { userId, role, branchId }: ReviewItem): Promise<void> {
    await this.holdings.revoke(actor, userId, role, branchId).catch((error: unknown) => {
      if (!(error instanceof NotFound)) throw error;
    });
  }

  private async one(orgId: string, id: string): Promise<AccessReview> {
    const review = await this.rows.find(orgId, id);
    if (!review) throw new NotFound('This review');
    return review;
  }

  private async item(orgId: string, reviewId: string, id: string): Promise<ReviewItem> {
    const item = await this.rows.item(orgId, reviewId, id);
    if (!item) throw new NotFound('This role of the review');
    return item;
  }
}
