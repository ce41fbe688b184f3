import type { Seat } from '@loro/contracts/licensing-usage';
import type { User } from '@loro/contracts/people';
import { type Actor, type After, allow, Conflict, type Hub, type Page, pageOf } from '../../platform';
import { type Member, people } from '../people';
import type { LimitsService } from './limits.service';
import { changed } from './rows.store';

interface Row {
  readonly userId: string;
  readonly freedAt: Date;
}

/**
 * Seats: every person of an organisation takes one from the invitation on, until he is deactivated. The seat of
 * somebody who is suspended may be freed by hand; he needs one again to come back.
 */
export class SeatsService {
  constructor(
    private readonly hub: Hub,
    private readonly limits: LimitsService,
  ) {}

  start(): void {
    this.limits.count('users', (orgId) => this.used(orgId));
    this.hub.use(people).hook({
      onInviteAll: (invited, after) =>
        this.join(
          invited.map(({ user }) => user),
          after,
        ),
      onActivate: (user, after, from) => this.activate(user, after, from),
      onLeave: (user, _after, from) => this.leave(user, from),
    });
  }

  async used(orgId: string): Promise<number> {
    const freed = await this.hub.select<{ userId: string }>(
      'SELECT user_id AS userId FROM license_freed_seats WHERE org_id = :orgId',
      { orgId },
    );
    return (await this.hub.use(people).seatsOf(orgId)) - freed.length;
  }

  async list(actor: Actor, { limit, cursor }: { limit: number; cursor?: string | undefined }): Promise<Page<Seat>> {
    allow(actor, 'license.seat');
    const [before] = this.hub.cursors.decode('seats', cursor) ?? [];
    const rows = await this.hub.select<Row>(
      `SELECT user_id AS userId, freed_at AS freedAt FROM license_freed_seats
       WHERE org_id = :orgId AND (:before IS NULL OR user_id < :before) ORDER BY user_id DESC LIMIT ${limit + 1}`,
      { orgId: actor.orgId, before: before ?? null },
    );
    return pageOf(
      rows,
      limit,
      ({ userId }) => this.hub.cursors.encode('seats', [userId]),
      ({ userId, freedAt }) => ({ userId, isTaken: false, since: freedAt.toISOString() }),
    );
  }

  async assign(actor: Actor, userId: string): Promise<Seat> {
    allow(actor, 'license.seat');
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const user = await this.sitter(orgId, userId);
      if (await this.takeBack(orgId, user.id)) {
        await this.take(orgId, 1, after);
        after.record({ action: 'seat.assigned', entity: { type: 'user', id: user.id } });
      }
      return { userId, isTaken: true, since: this.hub.now().toISOString() };
    });
  }

  async free(actor: Actor, userId: string): Promise<void> {
    allow(actor, 'license.seat');
    const { orgId } = actor;
    await this.hub.transact(async (after) => {
      const user = await this.sitter(orgId, userId);
      if (user.status !== 'suspended') throw new Conflict('SEAT_IN_USE', `${user.name} is not suspended.`);
      const rows = await changed(
        this.hub,
        'INSERT IGNORE INTO license_freed_seats (org_id, user_id, freed_at) VALUES (:orgId, :userId, :now)',
        { orgId, userId, now: this.hub.now() },
      );
      if (rows === 0) return;
      await this.limits.release(orgId, 'users', 1);
      after.record({ action: 'seat.freed', entity: { type: 'user', id: userId } });
    });
  }

  private async join(members: readonly Member[], after: After): Promise<void> {
    const sitting = members.filter(takesSeat);
    const [first] = sitting;
    if (first) await this.take(first.orgId, sitting.length, after);
  }

  /** Who was invited or suspended has his seat; who had left, or whose seat was freed, takes one. */
  private async activate(user: Member, after: After, from: User['status']): Promise<void> {
    if (!takesSeat(user)) return;
    const wasFreed = await this.takeBack(user.orgId, user.id);
    if (wasFreed || from === 'deactivated') await this.take(user.orgId, 1, after);
  }

  private async leave(user: Member, from: User['status']): Promise<void> {
    if (!takesSeat(user) || user.status !== 'deactivated' || from === 'deactivated') return;
    const wasFreed = await this.takeBack(user.orgId, user.id);
    if (!wasFreed) await this.limits.release(user.orgId, 'users', 1);
  }

  /** The rows of those who come are there already. */
  private async take(orgId: string, adding: number, after: After): Promise<void> {
    const used = async () => (await this.used(orgId)) - adding;
    await this.limits.take(orgId, 'users', { used, adding }, after);
  }

  private async takeBack(orgId: string, userId: string): Promise<boolean> {
    const sql = 'DELETE FROM license_freed_seats WHERE org_id = :orgId AND user_id = :userId';
    return (await changed(this.hub, sql, { orgId, userId })) > 0;
  }

  private async sitter(orgId: string, userId: string): Promise<User> {
    const user = await this.hub.use(people).byId(orgId, userId);
    if (!takesSeat(user) || user.status === 'deactivated')
      throw new Conflict('SEAT_NOT_NEEDED', `${user.name} takes no seat.`);
    return user;
  }
}

const takesSeat = ({ kind }: User): boolean => kind === 'person';
