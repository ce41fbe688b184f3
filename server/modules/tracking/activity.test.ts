import { activityApi } from '@loro/contracts/activity';
import { rollUp } from '@loro/contracts/activity-live';
import type { ActivityEvent } from '@loro/contracts/activity-values';
import { branchesApi } from '@loro/contracts/branches';
import { configurationApi } from '@loro/contracts/configuration';
import { streamName } from '@loro/contracts/kit/live';
import { ulid } from '../../platform/ulid';
import { type Person, testHub } from '../../testing/test-hub';
import { activity } from '.';

const hub = testHub();
const open = (person: Person) => hub.api(activityApi, person);
const room = () => hub.hub.use(activity);
const ago = (minutes: number) => new Date(hub.clock.now().getTime() - minutes * 60_000).toISOString();
const did = (verb: string, minutes: number, more: object = {}) => ({
  id: ulid(),
  verb,
  objectType: 'deal',
  objectId: 'D-1',
  at: ago(minutes),
  ...more,
});
const digested = async () => {
  await room().capture.flush();
  await hub.work(rollUp.name);
};

describe('handing in what was done', () => {
  it('keeps each event once, and a bad one does not hold back its neighbours', async () => {
    const person = await hub.person();
    const [won, lost] = [did('won', 5, { props: { size: 3 } }), did('lost', 3)];

    const first = await open(person).ingestEvents({
      events: [won, { ...lost, verb: 'Not A Word', at: 'never' }, lost],
    });
    const again = await open(person).ingestEvents({ events: [won, { ...won, at: ago(1) }, won] });

    expect(first).toMatchObject({ accepted: 2, duplicates: 0, rejected: [{ index: 1, id: lost.id }] });
    expect(first.rejected[0]?.errors.map(({ path }) => path)).toEqual(['verb', 'at']);
    expect(again).toEqual({ accepted: 0, duplicates: 3, rejected: [] });
    const { data } = await open(person).activity({ objectType: 'deal' });
    expect(data.map(({ verb, source, actorId, props }) => [verb, source, actorId, props])).toEqual([
      ['lost', 'client', person.userId, {}],
      ['won', 'client', person.userId, { size: 3 }],
    ]);
  });

  it('at once from two places keeps each event once', async () => {
    const person = await hub.person();
    const events = Array.from({ length: 120 }, (_, n) => did('won', n + 1));
    const taken = await Promise.all([
      open(person).ingestEvents({ events }),
      open(person).ingestEvents({ events: events.toReversed() }),
    ]);
    const [{ n } = { n: 0 }] = await hub.sql<{ n: number }>(
      "SELECT COUNT(*) AS n FROM activity_events WHERE org_id = ? AND verb = 'won'",
      [person.orgId],
    );

    expect(n).toBe(120);
    expect(taken.every(({ rejected }) => rejected.length === 0)).toBe(true);
  });

  it('is for three days back and no time ahead, of at most 4 KiB and 500 at once', async () => {
    const person = await hub.person();
    const { rejected } = await open(person).ingestEvents({
      events: [did('won', 72 * 60 + 1), did('won', -3), did('won', 1, { props: { text: 'é'.repeat(2_100) } })],
    });

    expect(rejected.map(({ errors }) => errors[0]?.path)).toEqual(['at', 'at', 'props']);
    const many = Array.from({ length: 501 }, () => did('won', 1));
    await expect(open(person).ingestEvents({ events: many })).rejects.toMatchObject({ status: 422 });
  });

  it('speaks for nobody but oneself, and of no other organisation’s people', async () => {
    const person = await hub.person();
    const admin = await hub.person({ role: 'admin', beside: person });
    const stranger = await hub.person();
    const about = (userId: string) => ({ events: [did('won', 1, { actorId: userId })] });

    expect((await open(person).ingestEvents(about(admin.userId))).rejected[0]?.errors[0]?.code).toBe('NOT_FOUND');
    expect((await open(admin).ingestEvents(about(stranger.userId))).rejected[0]?.errors[0]?.code).toBe('NOT_FOUND');
    expect((await open(admin).ingestEvents(about(person.userId))).accepted).toBe(1);
    expect((await open(stranger).activity({ objectType: 'deal' })).data).toEqual([]);
    await expect(open(stranger).activity({ actorId: person.userId })).rejects.toMatchObject({ status: 404 });
  });
});

describe('what people do in the hub', () => {
  it('is kept by itself, told at the branch, and heard by nobody elsewhere', async () => {
    const admin = await hub.person({ role: 'admin' });
    const manager = await hub.person({ role: 'manager', beside: admin });
    const elsewhere = await hub.person({ role: 'manager', elsewhereIn: admin });
    const staff = await hub.person({ beside: admin });
    const stream = streamName(admin.orgId, 'activity', admin.branchId);
    const ear = await hub.listen('/tracking', manager);
    await ear.subscribe(stream);
    for (const one of [elsewhere, staff])
      await expect((await hub.listen('/tracking', one)).subscribe(stream)).rejects.toThrow(/NOT_FOUND/);

    await hub
      .api(branchesApi, admin)
      .createResource({ branchId: admin.branchId, kind: 'desk', label: 'Desk', capacity: 1 });
    await hub.api(branchesApi, admin).create({ code: 'NEW', name: 'New', timezone: 'Europe/Berlin' });
    await room().capture.flush();
    await open(admin).ingestEvents({ events: [did('won', 0)] });

    expect(await ear.next<ActivityEvent>('activity:new', ({ verb }) => verb === 'won')).toMatchObject({
      objectType: 'deal',
      actorId: admin.userId,
      branchId: admin.branchId,
    });
    const { data } = await open(admin).activity({ actorId: admin.userId });
    expect(data).toContainEqual(expect.objectContaining({ verb: 'created', objectType: 'branch', source: 'api' }));
    const own = await open(staff).activity();
    expect(own.data.filter(({ actorId }) => actorId !== staff.userId)).toEqual([]);
  });

  it('is not kept where the organisation does not want it, and never what was taken back', async () => {
    const admin = await hub.person({ role: 'admin' });
    const off = { ownerId: admin.orgId, key: 'activity.capture', value: false };
    await hub.api(configurationApi, admin).setForOrganisation(off, { headers: { 'if-match': '"0"' } });
    await hub.api(branchesApi, admin).create({ code: 'NEW', name: 'New', timezone: 'Europe/Berlin' });
    const other = await hub.person({ role: 'admin' });
    await hub.api(branchesApi, other).create({ code: 'NEW', name: 'New', timezone: 'Europe/Berlin' });
    await expect(
      hub.api(branchesApi, other).create({ code: 'NEW', name: 'Twice', timezone: 'Europe/Berlin' }),
    ).rejects.toMatchObject({ status: 409 });
    await room().capture.flush();

    expect((await open(admin).activity()).data).toEqual([]);
    const { data } = await open(other).activity({ objectType: 'branch', verb: 'created' });
    expect(data).toHaveLength(1);
  });
});

describe('sessions', () => {
  it('end with half an hour of nothing, and are the same in whichever order events come', async () => {
    const person = await hub.person();
    const one = [did('won', 200), did('won', 197), did('won', 180)];
    const two = [did('won', 120)];
    const between = [did('won', 152), did('won', 149)];
    for (const events of [two, one.toReversed()]) {
      await open(person).ingestEvents({ events });
      await digested();
    }
    const before = await open(person).sessions({ from: ago(300), to: ago(100) });
    // What comes late joins two sessions that were apart.
    await open(person).ingestEvents({ events: between });
    await digested();
    const { data } = await open(person).sessions({ from: ago(300), to: ago(100) });

    expect(before.data.map(({ events, activeSec }) => [events, activeSec])).toEqual([
      [1, 0],
      [3, 180],
    ]);
    expect(data.map(({ events, activeSec }) => [events, activeSec])).toEqual([[6, 360]]);
    const stranger = await hub.person();
    await expect(open(stranger).sessions({ actorId: person.userId })).rejects.toMatchObject({ status: 404 });
  });
});

describe('who uses the hub', () => {
  it('is told by day, feature and seat to whoever may know', async () => {
    const admin = await hub.person({ role: 'admin' });
    const staff = await hub.person({ beside: admin });
    await hub.person({ beside: admin });
    await open(staff).ingestEvents({ events: [did('seen', 30), did('won', 20)] });
    await open(admin).activity();
    await digested();
    const today = new Date(hub.clock.now().getTime() + 7_200_000).toISOString().slice(0, 10);
    const next = new Date(Date.parse(today) + 86_400_000).toISOString().slice(0, 10);

    const usage = await open(admin).usage({ from: today, to: next });

    expect(usage.days[0]?.monthly).toBe(2);
    expect(usage).toMatchObject({ seats: 3, unusedSeats: 1 });
    expect(usage.features).toContainEqual(expect.objectContaining({ feature: 'tracking', people: 1 }));
    await expect(open(staff).usage({ from: today, to: next })).rejects.toMatchObject({ status: 403 });
    const { cohorts } = await open(admin).retention({ from: today, to: next });
    expect(cohorts.map(({ people }) => people).reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(1);
  });

  it('goes through steps in order, each in time', async () => {
    const admin = await hub.person({ role: 'admin' });
    const people = await Promise.all([0, 1, 2].map(() => hub.person({ beside: admin })));
    const [a, b, c] = people;
    if (!a || !b || !c) throw new Error('not made');
    await open(a).ingestEvents({ events: [did('seen', 90), did('offered', 80), did('won', 70)] });
    await open(b).ingestEvents({ events: [did('offered', 95), did('seen', 90), did('won', 80)] });
    await open(c).ingestEvents({ events: [did('seen', 90), did('offered', 20), did('won', 10)] });
    const steps = ['seen', 'offered', 'won'].map((verb) => ({ verb, objectType: 'deal' }));
    const span = { from: ago(120), to: ago(0) };

    const { steps: hour } = await open(admin).funnel({ steps, ...span, windowSec: 3_600 });
    const { steps: day } = await open(admin).funnel({ steps, ...span, windowSec: 86_400 });

    expect(hour.map((step) => step.people)).toEqual([3, 1, 1]);
    expect(day.map((step) => step.people)).toEqual([3, 2, 2]);
    const long = open(admin).funnel({ steps, from: ago(100 * 1_440), to: ago(0), windowSec: 60 });
    await expect(long).rejects.toMatchObject({ status: 422, code: 'RANGE_TOO_LONG' });
    await expect(open(a).funnel({ steps, ...span, windowSec: 60 })).rejects.toMatchObject({ status: 403 });
  });
});
