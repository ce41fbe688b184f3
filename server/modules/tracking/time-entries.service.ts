import { activityLive } from '@loro/contracts/activity-live';
import type { NewTimeEntry, StartTimer, TimeEntry, TimeEntryChange, TimerChanged } from '@loro/contracts/activity-time';
import type { z } from 'zod';
import {
  type Actor,
  type After,
  allow,
  Conflict,
  type Hub,
  HubError,
  Invalid,
  onDuplicate,
  ulid,
} from '../../platform';
import { configuration } from '../configuration';
import type { ActivityPlaces } from './activity-places';
import type { ActivityZones } from './activity-zones';
import { type EntryRow, presentEntry, type TimeEntryStore } from './time-entry.store';

const AHEAD_MS = 2 * 60_000;

interface Uses {
  readonly store: TimeEntryStore;
  readonly places: ActivityPlaces;
  readonly zones: ActivityZones;
}

/** Says whether the organisation has a thing that time is spent on. @throws NotFound */
export type SpentOn = (orgId: string, id: string) => Promise<void>;

/** Timers and entries as they are written: of a person at most one runs, and none overlap unless that is wanted. */
export class TimeEntries {
  private readonly spentOn = new Map<'task' | 'client', SpentOn>();

  constructor(
    private readonly hub: Hub,
    private readonly by: Uses,
  ) {}

  /** A room of a higher floor that keeps tasks or clients says which there are; until one does, any id is taken. */
  spend(on: 'task' | 'client', mustExist: SpentOn): void {
    this.spentOn.set(on, mustExist);
  }

  /** One that runs ends at the very instant at which this one begins. */
  async start(actor: Actor, { at, ...about }: z.output<typeof StartTimer>): Promise<TimerChanged> {
    const { orgId, userId } = actor;
    const thing = await this.by.places.thingOf(orgId, userId);
    allow(actor, 'time.write', thing);
    await this.mustHave(orgId, about);
    return this.hub.transact(async (after) => {
      await this.by.store.lockPerson(orgId, userId);
      const start = this.instant('at', at);
      const running = await this.by.store.running(orgId, userId);
      if (running && running.start > start)
        throw new Conflict('TIMER_RUNNING', `Your timer began at ${running.start.toISOString()}, after that.`);
      const ended = running ? await this.end(orgId, running, start, after) : null;
      const row: EntryRow = {
        ...about,
        id: ulid(this.hub.now().getTime()),
        userId,
        branchId: thing.branchId,
        start,
        end: null,
        source: 'timer',
        lockedAt: null,
        version: 1,
      };
      await this.mayStand(orgId, row, [row]);
      await this.by.store
        .insert(orgId, row)
        .catch(onDuplicate((cause) => new Conflict('TIMER_RUNNING', 'Another device started one.', { cause })));
      const entry = presentEntry(row);
      this.record(after, orgId, 'timer.started', entry);
      return this.tell(orgId, entry, ended, after);
    });
  }

  async stop(actor: Actor, at: string | undefined): Promise<TimerChanged> {
    const { orgId, userId } = actor;
    allow(actor, 'time.write', await this.by.places.thingOf(orgId, userId));
    return this.hub.transact(async (after) => {
      await this.by.store.lockPerson(orgId, userId);
      const running = await this.by.store.running(orgId, userId);
      if (!running) throw new Conflict('TIMER_NOT_RUNNING', 'No timer of yours runs.');
      const end = this.instant('at', at);
      if (end < running.start) throw invalid('at', `is before the timer began, at ${running.start.toISOString()}`);
      return this.tell(orgId, await this.end(orgId, running, end, after), null, after);
    });
  }

  async create(actor: Actor, { userId: whose, start, end, ...about }: NewTimeEntry): Promise<TimeEntry> {
    const { orgId } = actor;
    const userId = whose ?? actor.userId;
    const thing = await this.by.places.thingOf(orgId, userId);
    allow(actor, 'time.write', thing);
    await this.mustHave(orgId, about);
    return this.hub.transact(async (after) => {
      await this.by.store.lockPerson(orgId, userId);
      const row: EntryRow = {
        ...about,
        id: ulid(this.hub.now().getTime()),
        userId,
        branchId: thing.branchId,
        start: new Date(start),
        end: this.instant('end', end),
        source: 'manual',
        lockedAt: null,
        version: 1,
      };
      await this.mayStand(orgId, row, [row]);
      await this.by.store.insert(orgId, row);
      const entry = presentEntry(row);
      this.record(after, orgId, 'time-entry.created', entry);
      return entry;
    });
  }

  async update(actor: Actor, id: string, version: number, change: TimeEntryChange): Promise<TimeEntry> {
    const { orgId } = actor;
    const { userId } = await this.mine(actor, id);
    await this.mustHave(orgId, change);
    return this.hub.transact(async (after) => {
      await this.by.store.lockPerson(orgId, userId);
      const row = await this.by.store.lockedEntry(orgId, id, version);
      const { start, end, ...about } = change;
      const next: EntryRow = {
        ...row,
        start: start === undefined ? row.start : new Date(start),
        end: end === undefined ? row.end : this.instant('end', end),
        kind: about.kind ?? row.kind,
        billable: about.billable ?? row.billable,
        note: about.note ?? row.note,
        taskId: about.taskId === undefined ? row.taskId : about.taskId,
        clientId: about.clientId === undefined ? row.clientId : about.clientId,
        version: version + 1,
      };
      if (next.end === null && next.start > this.hub.now()) throw invalid('start', 'is still to come');
      if (next.end !== null && next.end <= next.start) throw invalid('end', 'is not after `start`');
      await this.mayStand(orgId, next, [row, next]);
      await this.by.store.update(orgId, next);
      const entry = presentEntry(next);
      this.record(after, orgId, 'time-entry.updated', entry, presentEntry(row));
      // Its other devices show a timer that is changed, or stopped this way.
      if (row.end === null) this.tell(orgId, entry, null, after);
      return entry;
    });
  }

  async remove(actor: Actor, id: string, version: number): Promise<void> {
    const { orgId } = actor;
    const { userId } = await this.mine(actor, id);
    await this.hub.transact(async (after) => {
      await this.by.store.lockPerson(orgId, userId);
      const row = await this.by.store.lockedEntry(orgId, id, version);
      await this.mustBeOpen(orgId, row, [row]);
      await this.hub.sequelize.query('DELETE FROM time_entries WHERE org_id = ? AND id = ?', {
        replacements: [orgId, id],
      });
      const entry = presentEntry(row);
      after.record({
        action: 'time-entry.removed',
        orgId,
        entity: { type: 'time-entry', id },
        branchId: row.branchId,
        before: entry,
      });
      if (row.end === null) this.tell(orgId, { ...entry, end: this.hub.now().toISOString() }, null, after);
    });
  }

  private async mustHave(
    orgId: string,
    { taskId, clientId }: { taskId?: string | null | undefined; clientId?: string | null | undefined },
  ): Promise<void> {
    if (typeof taskId === 'string') await this.spentOn.get('task')?.(orgId, taskId);
    if (typeof clientId === 'string') await this.spentOn.get('client')?.(orgId, clientId);
  }

  private async mine(actor: Actor, id: string): Promise<EntryRow> {
    const row = await this.by.store.entry(actor.orgId, id);
    const { userId, branchId } = row;
    allow(actor, 'time.write', { userId, branchId, what: 'This entry' });
    return row;
  }

  private async end(orgId: string, row: EntryRow, end: Date, after: After): Promise<TimeEntry> {
    const next = { ...row, end, version: row.version + 1 };
    await this.mustBeOpen(orgId, row, [next]);
    await this.by.store.update(orgId, next);
    const entry = presentEntry(next);
    this.record(after, orgId, 'timer.stopped', entry, presentEntry(row));
    return entry;
  }

  /** @throws Conflict ENTRY_OVERLAP, HubError PERIOD_LOCKED */
  private async mayStand(orgId: string, row: EntryRow, times: readonly EntryRow[]): Promise<void> {
    await this.mustBeOpen(orgId, row, times);
    if (await this.hub.use(configuration).value('time.allow-parallel', { orgId })) return;
    const other = await this.by.store.overlapping(orgId, row);
    if (other)
      throw new Conflict('ENTRY_OVERLAP', `Another entry runs from ${other.start.toISOString()}.`, {
        current: presentEntry(other),
      });
  }

  private async mustBeOpen(orgId: string, row: EntryRow, times: readonly EntryRow[]): Promise<void> {
    const sheets = await this.by.store.sheetsFor(orgId, row, times, await this.by.zones.of(orgId));
    const closed = sheets.find(({ state }) => state !== 'open');
    if (closed)
      throw new HubError('PERIOD_LOCKED', `The week of ${closed.week} is ${closed.state}.`, { current: closed });
  }

  /** @throws Invalid for what is still to come */
  private instant(path: string, at: string | undefined): Date {
    const now = this.hub.now();
    const instant = at === undefined ? now : new Date(at);
    if (instant.getTime() > now.getTime() + AHEAD_MS) throw invalid(path, 'is still to come');
    return instant;
  }

  private tell(orgId: string, entry: TimeEntry, ended: TimeEntry | null, after: After): TimerChanged {
    const changed = { entryId: entry.id, start: entry.start, end: entry.end, entry, ended };
    after.publish(activityLive, 'timer:changed', { orgId, id: entry.userId }, changed);
    return changed;
  }

  private record(after: After, orgId: string, action: string, entry: TimeEntry, before?: TimeEntry): void {
    after.record({
      action,
      orgId,
      entity: { type: 'time-entry', id: entry.id },
      branchId: entry.branchId,
      ...(before && { before }),
      after: entry,
    });
  }
}

const invalid = (path: string, message: string): Invalid =>
  new Invalid('VALIDATION_FAILED', `Wrong: ${path}.`, { errors: [{ path, code: 'custom', message }] });
