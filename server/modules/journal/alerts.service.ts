import { UniqueConstraintError } from 'sequelize';
import type { Hub } from '../../platform';
import { type Fact, isWatched, LONGEST_WINDOW_MS, type Sighting, sightingsOf } from './alerts.policy';
import { AlertMails } from './alert-mails';
import { ENTRY_COLUMNS, type EntryRow, type EntryStore, parsed } from './entry.store';
import type { PersonalStore } from './personal.store';
import { ALERT } from './told.policy';

const COUNTED_FOR_SEC = 3_600;
const MOST_RECOUNTED = 20_000;

/**
 * Holds sealed entries against the security rules. Windows slide in Redis; when it forgot them, they are counted anew
 * from the entries. That an alert is raised once is a row in SQL.
 */
export class AlertsService {
  private readonly prefix: string;
  private readonly mails: AlertMails;

  constructor(
    private readonly hub: Hub,
    private readonly entries: EntryStore,
    private readonly personal: PersonalStore,
  ) {
    this.mails = new AlertMails(hub);
    this.prefix = `${hub.config.REDIS_PREFIX}:journal:window`;
  }

  async watch(orgId: string, seqs: readonly number[]): Promise<void> {
    const rows = await this.entries.bySeq(orgId, seqs);
    const [first] = rows;
    if (!first) return;
    await this.recount(orgId, first.occurred_at);
    for (const row of rows)
      for (const sighting of sightingsOf(await this.factOf(row))) await this.judge(orgId, row, sighting);
  }

  private async judge(orgId: string, row: EntryRow, sighting: Sighting): Promise<void> {
    const count = await this.count(orgId, row, sighting);
    if (count === null || count < sighting.threshold) return;
    await this.raise(orgId, row.occurred_at, sighting, count);
  }

  /** @returns how many are in the window, or null when they are not different enough */
  private async count(orgId: string, row: EntryRow, sighting: Sighting): Promise<number | null> {
    const key = this.keyOf(orgId, sighting);
    const at = row.occurred_at.getTime();
    await this.add(key, row, sighting);
    const members = await this.hub.redis.zrangebyscore(key, `(${at - sighting.windowSec * 1_000}`, at);
    const { distinct } = sighting;
    if (distinct && new Set(members.map((member) => member.split(' ')[1])).size < distinct.atLeast) return null;
    return members.length;
  }

  private async add(key: string, row: EntryRow, { windowSec, distinct }: Sighting): Promise<void> {
    const at = row.occurred_at.getTime();
    await this.hub.redis
      .multi()
      .zadd(key, at, `${row.id} ${distinct?.of ?? ''}`)
      .zremrangebyscore(key, '-inf', at - 2 * windowSec * 1_000)
      .expire(key, COUNTED_FOR_SEC)
      .exec();
  }

  private async raise(orgId: string, at: Date, sighting: Sighting, count: number): Promise<void> {
    const { rule, severity, subject, windowSec } = sighting;
    const slot = Math.floor(at.getTime() / (windowSec * 1_000));
    const raised = this.hub.transact(async (after) => {
      await this.hub.sequelize.query(
        'INSERT INTO journal_alerts (org_id, rule, subject, slot, at) VALUES (:orgId, :rule, :subject, :slot, :at)',
        { replacements: { orgId, rule, subject: `${subject.type}:${subject.id}`, slot, at } },
      );
      after.record({
        type: 'security_event',
        action: ALERT,
        severity,
        orgId,
        entity: subject,
        data: { rule, count, windowSec },
      });
      await this.mails.tell(orgId, { rule, severity, count, windowSec, at }, after);
    });
    // Raised in this window already.
    await raised.catch((error: unknown) => {
      if (!(error instanceof UniqueConstraintError)) throw error;
    });
  }

  /** After Redis forgot: the windows as the entries before this moment make them. */
  private async recount(orgId: string, until: Date): Promise<void> {
    const isNew = await this.hub.redis.set(`${this.prefix}:${orgId}`, '1', 'EX', COUNTED_FOR_SEC, 'NX');
    if (isNew === null) {
      await this.hub.redis.expire(`${this.prefix}:${orgId}`, COUNTED_FOR_SEC);
      return;
    }
    const rows = await this.hub.select<EntryRow>(
      `SELECT ${ENTRY_COLUMNS} FROM journal_entries
       WHERE org_id = :orgId AND id >= :from AND occurred_at > :since AND occurred_at < :until AND seq IS NOT NULL
       ORDER BY id DESC LIMIT ${MOST_RECOUNTED}`,
      {
        orgId,
        from: firstIdAt(until.getTime() - LONGEST_WINDOW_MS),
        since: new Date(until.getTime() - LONGEST_WINDOW_MS),
        until,
      },
    );
    for (const row of rows.filter(isWatched))
      for (const sighting of sightingsOf(await this.factOf(row)))
        await this.add(this.keyOf(orgId, sighting), row, sighting);
  }

  private keyOf(orgId: string, { rule, subject }: Sighting): string {
    return `${this.prefix}:${orgId}:${rule}:${subject.type}:${subject.id}`;
  }

  private async factOf(row: EntryRow): Promise<Fact> {
    const data = parsed(row.data);
    return {
      type: row.type,
      action: row.action,
      outcome: row.outcome,
      actorId: row.actor_id,
      entity: row.entity_type === null ? null : { type: row.entity_type, id: row.entity_id ?? '' },
      data,
      address: await this.addressOf(row, data),
    };
  }

  /** Grave entries keep the whole address under a key; others a part of it. Either way it leaves as a word of its own. */
  private async addressOf(row: EntryRow, data: Record<string, unknown>): Promise<string | null> {
    const { source } = data;
    if (typeof source !== 'object' || source === null || !('ip' in source)) return null;
    const { ip } = source;
    if (typeof ip === 'string') return this.wordFor(row.org_id, ip);
    if (typeof ip !== 'object' || ip === null || !('$pii' in ip) || typeof ip.$pii !== 'string') return null;
    const opened = (await this.personal.open(row.org_id, [ip.$pii])).get(ip.$pii);
    return typeof opened === 'string' ? this.wordFor(row.org_id, opened) : null;
  }

  private wordFor(orgId: string, ip: string): string {
    return this.hub.secrets.hmac('journal', `${orgId}:${ip}`).toString('hex').slice(0, 16);
  }
}

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The smallest ULID of a millisecond. */
function firstIdAt(ms: number): string {
  let time = '';
  for (let rest = Math.max(0, Math.floor(ms)), n = 0; n < 10; n += 1, rest = Math.floor(rest / 32))
    time = (ALPHABET[rest % 32] ?? '0') + time;
  return time + '0'.repeat(16);
}
