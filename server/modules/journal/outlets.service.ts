import { randomBytes } from 'node:crypto';
import type { JournalOutlet, MadeOutlet, NewOutlet, OutletChange } from '@loro/contracts/journal-outlets';
import type { z } from 'zod';
import { type Actor, type After, allow, type Hub, HubError, NotFound, type Page, pageOf, ulid } from '../../platform';
import { ENTRY_COLUMNS, type EntryRow, type EntryStore, toContract } from './entry.store';
import { linesOf, syslogOf, waitAfter, webhookHeaders } from './outlets.policy';
import { OutletsStore, type StoredOutlet } from './outlets.store';
import { handToSyslog } from './syslog';

const AT_ONCE = 500;
const LEASE_MS = 2 * 60_000;
const TOLD_AFTER = 3;

/**
 * Sends sealed entries on to the systems that organisations watch with. How far each has come is a row: a worker that
 * dies before it is moved on sends the same entries again, and none is left out.
 */
export class OutletsService {
  private readonly rows: OutletsStore;

  constructor(
    private readonly hub: Hub,
    private readonly entries: EntryStore,
  ) {
    this.rows = new OutletsStore(hub);
  }

  async add(actor: Actor, { name, kind, address, from }: z.output<typeof NewOutlet>): Promise<MadeOutlet> {
    allow(actor, 'journal.export', { orgId: actor.orgId });
    await this.hub.outgoing.pin(new URL(address).hostname);
    const { orgId } = actor;
    const id = ulid(this.hub.now().getTime());
    const secret = kind === 'webhook' ? randomBytes(32).toString('base64url') : null;
    const sealed = secret === null ? null : this.hub.secrets.seal('journal', secret);
    const pruned = (await this.entries.prunedThrough(orgId))?.seq ?? 0;
    const shippedSeq = from === 'now' ? ((await this.entries.head(orgId))?.seq ?? 0) : pruned;
    return this.hub.transact(async (after) => {
      await this.rows.add({ orgId, id, name, kind, address, secret: sealed, shippedSeq });
      const outlet = await this.one(orgId, id);
      this.note('added', outlet, after);
      return { ...outlet, secret };
    });
  }

  async get(actor: Actor, id: string): Promise<JournalOutlet> {
    allow(actor, 'journal.export', { orgId: actor.orgId });
    return this.one(actor.orgId, id);
  }

  async list(
    actor: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<JournalOutlet>> {
    allow(actor, 'journal.export', { orgId: actor.orgId });
    const before = this.hub.cursors.decode('journal-outlets', cursor)?.[0];
    const rows = await this.rows.list(actor.orgId, before === undefined ? undefined : String(before), limit + 1);
    return pageOf(rows, limit, ({ id }) => this.hub.cursors.encode('journal-outlets', [id]), presented);
  }

  async change(
    actor: Actor,
    id: string,
    version: number,
    given: z.output<typeof OutletChange>,
  ): Promise<JournalOutlet> {
    const row = await this.mine(actor, id, version);
    return this.hub.transact(async (after) => {
      const changed = { name: given.name ?? row.name, isEnabled: given.isEnabled ?? Boolean(row.isEnabled) };
      if (!(await this.rows.edit(row, changed))) throw await this.conflict(row);
      const outlet = await this.one(row.orgId, id);
      this.note('changed', outlet, after, presented(row));
      return outlet;
    });
  }

  async remove(actor: Actor, id: string, version: number): Promise<void> {
    const row = await this.mine(actor, id, version);
    await this.hub.transact(async (after) => {
      await this.rows.remove(row);
      this.note('removed', presented(row), after);
    });
  }

  /** Sends what waits, for every outlet whose time has come; one that fails holds up no other. */
  async ship(): Promise<void> {
    for (const outlet of await this.rows.due()) {
      if (!(await this.rows.lease(outlet, new Date(this.hub.now().getTime() + LEASE_MS)))) continue;
      try {
        // What another worker has sent since it was read is not sent again.
        const fresh = await this.rows.find(outlet.orgId, outlet.id);
        if (fresh) await this.shipOne(fresh);
      } finally {
        await this.rows.release(outlet);
      }
    }
  }

  private async shipOne(outlet: StoredOutlet): Promise<void> {
    let at = outlet;
    for (;;) {
      const rows = await this.hub.select<EntryRow>(
        `SELECT ${ENTRY_COLUMNS} FROM journal_entries WHERE org_id = :orgId AND seq > :seq ORDER BY seq LIMIT ${AT_ONCE}`,
        { orgId: at.orgId, seq: at.shippedSeq },
      );
      const through = rows.at(-1)?.seq;
      if (through === undefined || through === null) return;
      try {
        await this.send(at, rows);
      } catch (error) {
        return this.failed(at, error);
      }
      if (!(await this.rows.arrived(at, through)) || rows.length < AT_ONCE) return;
      at = { ...at, shippedSeq: through, failures: 0 };
    }
  }

  /** Personal values stay behind: what goes out are their references and commitments. */
  private async send(outlet: StoredOutlet, rows: readonly EntryRow[]): Promise<void> {
    const entries = rows.map((row) => toContract(row));
    if (outlet.kind === 'syslog') {
      const node = this.hub.config.NODE_NAME;
      return handToSyslog(this.hub, outlet.address, Buffer.concat(entries.map((entry) => syslogOf(entry, node))));
    }
    const body = linesOf(entries);
    const id = `${outlet.id}-${rows[0]?.seq ?? 0}-${rows.at(-1)?.seq ?? 0}`;
    const secret = outlet.secret ? this.hub.secrets.open('journal', outlet.secret) : '';
    const { status } = await this.hub.outgoing.text(outlet.address, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-ndjson',
        'content-length': String(Buffer.byteLength(body)),
        ...webhookHeaders({ id, body }, secret, this.hub.now()),
      },
      body,
    });
    if (status < 200 || status >= 300) throw new Error(`it answered ${status}`);
  }

  private async failed(outlet: StoredOutlet, error: unknown): Promise<void> {
    const why = error instanceof Error ? error.message : 'it could not be reached';
    const failures = outlet.failures + 1;
    await this.hub.transact(async (after) => {
      await this.rows.failed(outlet, why, new Date(this.hub.now().getTime() + waitAfter(failures)));
      if (failures === TOLD_AFTER)
        after.record({
          type: 'system_event',
          action: 'journal-outlet.failing',
          outcome: 'failure',
          severity: 'warning',
          orgId: outlet.orgId,
          entity: { type: 'journal-outlet', id: outlet.id },
          data: { failures, why: why.slice(0, 300) },
        });
    });
  }

  private note(what: string, outlet: JournalOutlet, after: After, before?: JournalOutlet): void {
    after.record({
      type: 'security_event',
      action: `journal-outlet.${what}`,
      severity: 'notice',
      entity: { type: 'journal-outlet', id: outlet.id },
      ...(before && { before }),
      after: outlet,
    });
  }

  private async one(orgId: string, id: string): Promise<JournalOutlet> {
    const row = await this.rows.find(orgId, id);
    if (!row) throw new NotFound('This outlet');
    return presented(row);
  }

  private async mine(actor: Actor, id: string, version: number): Promise<StoredOutlet> {
    allow(actor, 'journal.export', { orgId: actor.orgId });
    const row = await this.rows.find(actor.orgId, id);
    if (!row) throw new NotFound('This outlet');
    if (row.version !== version) throw await this.conflict(row);
    return row;
  }

  private async conflict({ orgId, id }: StoredOutlet): Promise<HubError> {
    return new HubError('VERSION_CONFLICT', 'Somebody changed this outlet meanwhile.', {
      current: await this.one(orgId, id),
    });
  }
}

const presented = (row: StoredOutlet): JournalOutlet => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  address: row.address,
  isEnabled: Boolean(row.isEnabled),
  shippedSeq: row.shippedSeq,
  waiting: Math.max(0, row.headSeq - row.shippedSeq),
  failures: row.failures,
  lastError: row.lastError,
  nextTryAt: row.nextTryAt?.toISOString() ?? null,
  shippedAt: row.shippedAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
  version: row.version,
});
