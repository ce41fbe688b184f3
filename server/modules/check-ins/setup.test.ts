import { checkInsApi } from '@loro/contracts/check-ins';
import { checkInSetupApi } from '@loro/contracts/check-ins-setup';
import { ulid } from '../../platform/ulid';
import { AT_OFFICE, checkIn, later, officeWorker, phone } from '../../testing/check-in-people';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
const api = (person: Person) => hub.api(checkInsApi, person);
const setup = (person: Person) => hub.api(checkInSetupApi, person);
const ifMatch = (version: number) => ({ headers: { 'if-match': `"${version}"` } });
const MINUTE = 60_000;

async function enrolled(worker: Person) {
  const { publicKey, signed } = phone();
  const { id: deviceId } = await setup(worker).enrol({ publicKey, platform: 'android', model: 'Pixel 9' });
  const socket = await hub.listen('/check-ins', worker);
  const sync = (bootId: string, monoMs: number, aheadMs = 0) =>
    socket.call('time:sync', { c0: hub.clock.now().getTime() + aheadMs, deviceId, bootId, monoMs });
  const hand = (fields: object) => api(worker).record(signed(checkIn({ deviceId, ...fields })));
  return { deviceId, sync, hand, signed };
}

describe('acceptance: the time of what was recorded offline', () => {
  it('is told by the steady clock of a phone that the hub compared clocks with', async () => {
    const worker = await officeWorker(hub);
    const { sync, hand } = await enrolled(worker);
    const syncedAt = hub.clock.now().getTime();
    expect(await sync('boot-1', 1_000_000)).toMatchObject({ ok: true });
    await later(hub, 210 * MINUTE, worker);

    const wallMs = syncedAt + 4_520_000 - 30 * MINUTE;
    const recorded = await hand({ live: false, wallMs, monoMs: 5_520_000, bootId: 'boot-1' });

    expect(Math.abs(Date.parse(recorded.occurredAt) - syncedAt - 4_520_000)).toBeLessThan(2_000);
    expect(recorded).toMatchObject({ timeSource: 'trusted', status: 'accepted' });
    expect(recorded.reasons.toSorted()).toEqual(['clock_skew', 'late_upload']);
    const manager = await officeWorker(hub, 'manager', worker);
    const evidence = await api(manager).evidence({ checkInId: recorded.id });
    expect(evidence).toMatchObject({ spoofScore: 20, signals: [{ name: 'clock_skew', weight: 0.2 }] });
  });

  it('of a morning without a network is as if it had been heard at once', async () => {
    const worker = await officeWorker(hub);
    const { deviceId, sync, signed } = await enrolled(worker);
    const began = hub.clock.now().getTime();
    await sync('morning', 0);
    await later(hub, 220 * MINUTE, worker);
    const target = { type: 'client', id: ulid() };
    const visit = {
      type: 'client-visit',
      target,
      targetFence: { lat: AT_OFFICE.lat + 0.0002, lng: AT_OFFICE.lng, radiusM: 200 },
    };
    const at = (minutes: number, fields: object = {}) =>
      signed(
        checkIn({
          deviceId,
          live: false,
          wallMs: began + minutes * MINUTE,
          monoMs: minutes * MINUTE,
          bootId: 'morning',
          ...fields,
        }),
      );

    const { results } = await api(worker).recordBatch({
      items: [at(12), at(85, visit), at(135, { ...visit, kind: 'out' })],
    });

    expect(results.map(({ recorded }) => recorded?.status)).toEqual(['accepted', 'accepted', 'accepted']);
    const minutes = results.map(({ recorded }) =>
      Math.round((Date.parse(recorded?.occurredAt ?? '') - began) / MINUTE),
    );
    expect(minutes).toEqual([12, 85, 135]);
    expect(results[2]?.recorded?.pairId).toBe(results[1]?.recorded?.id);
    expect((await api(worker).list({ open: 'true' })).data).toMatchObject([{ id: results[0]?.recorded?.id }]);
  });

  it('after a restart is known within bounds only, and waits where they are wide', async () => {
    const worker = await officeWorker(hub);
    const { sync, hand } = await enrolled(worker);
    await sync('boot-1', 1_000);
    hub.clock.advance(5 * MINUTE);
    const wallMs = hub.clock.now().getTime() - 2 * MINUTE;

    const near = await hand({ live: false, wallMs, monoMs: 10, bootId: 'boot-2' });
    await later(hub, 60 * MINUTE, worker);
    const far = await hand({ live: false, wallMs: wallMs + 30 * MINUTE, monoMs: 10, bootId: 'boot-3', kind: 'out' });

    expect(near).toMatchObject({ timeSource: 'bounded', status: 'accepted' });
    expect(far).toMatchObject({
      timeSource: 'bounded',
      status: 'flagged',
      reasons: expect.arrayContaining(['unsure_time']),
    });
  });
});

describe('devices', () => {
  it('sign what they hand in; what was changed on the way is refused', async () => {
    const worker = await officeWorker(hub);
    const { deviceId, signed, hand } = await enrolled(worker);

    const forged = { ...signed(checkIn({ deviceId })), note: 'changed' };

    await expect(api(worker).record(forged as never)).rejects.toMatchObject({ status: 422, code: 'DEVICE_UNSOUND' });
    await expect(hand({ note: 'as it was' })).resolves.toMatchObject({ status: 'accepted' });
  });

  it('that nobody enrolled, or that are blocked, hand nothing in', async () => {
    const worker = await officeWorker(hub);
    const manager = await officeWorker(hub, 'manager', worker);
    const { deviceId, hand } = await enrolled(worker);
    const unknown = checkIn({ deviceId: ulid(), signature: 'x' });
    await expect(api(worker).record(unknown)).rejects.toMatchObject({ status: 404 });

    await setup(manager).blockDevice({ enrolledId: deviceId, reason: 'lost' });
    await expect(hand({})).rejects.toMatchObject({ status: 403, code: 'DEVICE_NOT_ENROLLED' });

    expect(await setup(manager).blockDevice({ enrolledId: deviceId, reason: 'found', blocked: false })).toMatchObject({
      state: 'trusted',
    });
    await expect(hand({})).resolves.toMatchObject({ status: 'accepted' });
    await expect(setup(worker).blockDevice({ enrolledId: deviceId, reason: 'x' })).rejects.toMatchObject({
      status: 403,
    });
  });

  it('are one’s own, and a key belongs to one of them', async () => {
    const worker = await officeWorker(hub);
    const stranger = await officeWorker(hub, 'manager');
    const { publicKey } = phone();
    const device = { publicKey, platform: 'ios', model: 'iPhone' } as const;
    const { id: enrolledId } = await setup(worker).enrol(device);

    await expect(setup(worker).enrol(device)).rejects.toMatchObject({ code: 'DEVICE_KEY_TAKEN' });
    await expect(setup(worker).enrol({ ...device, publicKey: 'AAAA' })).rejects.toMatchObject({
      code: 'KEY_NOT_ED25519',
    });
    await expect(setup(stranger).blockDevice({ enrolledId, reason: 'x' })).rejects.toMatchObject({ status: 404 });
    await expect(setup(stranger).removeDevice({ enrolledId })).rejects.toMatchObject({ status: 404 });
    expect((await setup(worker).devices()).data.map(({ id }) => id)).toEqual([enrolledId]);
    await setup(worker).removeDevice({ enrolledId });
    expect((await setup(worker).devices()).data).toEqual([]);
  });

  it('that two people use within ten minutes are remarked', async () => {
    const worker = await officeWorker(hub);
    const colleague = await officeWorker(hub, 'staff', worker);
    const { deviceId, signed, hand } = await enrolled(worker);
    await hand({});

    const { id } = await api(colleague).record(signed(checkIn({ deviceId })));

    const manager = await officeWorker(hub, 'manager', worker);
    const evidence = await api(manager).evidence({ checkInId: id });
    expect(evidence).toMatchObject({
      status: 'flagged',
      spoofScore: 40,
      signals: [{ name: 'shared_device', weight: 0.4 }],
    });
  });
});

describe('rules', () => {
  it('are the administrators’ to set, one of a type for each branch and role', async () => {
    const worker = await officeWorker(hub);
    const admin = await hub.person({ role: 'admin', beside: worker });
    const stranger = await hub.person({ role: 'admin' });
    const rule = { type: 'office', branchId: worker.branchId, settings: { maxAccuracyM: 20 } } as const;

    const made = await setup(admin).makeRule(rule);

    await expect(setup(admin).makeRule(rule)).rejects.toMatchObject({ status: 409, code: 'RULE_EXISTS' });
    await expect(setup(worker).makeRule(rule)).rejects.toMatchObject({ status: 403 });
    await expect(setup(stranger).makeRule(rule)).rejects.toMatchObject({ status: 404 });
    await expect(setup(stranger).rule({ ruleId: made.id })).rejects.toMatchObject({ status: 404 });
    await expect(
      setup(admin).makeRule({ type: 'office', settings: { acceptP: 0.5, rejectP: 0.5 } }),
    ).rejects.toMatchObject({
      status: 422,
    });
    expect((await setup(admin).rules()).data).toEqual([made]);
  });

  it('count at once, and need the version that was read', async () => {
    const worker = await officeWorker(hub);
    const admin = await hub.person({ role: 'admin', beside: worker });
    const { id: ruleId } = await setup(admin).makeRule({ type: 'office', settings: { maxAccuracyM: 5 } });
    const attempt = () => api(worker).record(checkIn({ kind: 'visit', position: AT_OFFICE }));
    await expect(attempt()).rejects.toMatchObject({ code: 'LOCATION_TOO_INACCURATE' });

    await setup(admin).changeRule({ ruleId, settings: { maxAccuracyM: 50, minSecondsBetween: 0 } }, ifMatch(1));
    await expect(attempt()).resolves.toMatchObject({ status: 'accepted' });
    await expect(setup(admin).changeRule({ ruleId, settings: {} }, ifMatch(1))).rejects.toMatchObject({ status: 412 });

    await setup(admin).removeRule({ ruleId }, ifMatch(2));
    await expect(attempt()).rejects.toMatchObject({ status: 429 });
  });

  it('may ask for an enrolled device', async () => {
    const worker = await officeWorker(hub);
    const admin = await hub.person({ role: 'admin', beside: worker });
    await setup(admin).makeRule({ type: 'office', role: 'staff', settings: { needsDevice: true } });
    const { hand } = await enrolled(worker);

    await expect(api(worker).record(checkIn())).rejects.toMatchObject({ status: 403, code: 'DEVICE_NOT_ENROLLED' });
    await expect(hand({})).resolves.toMatchObject({ status: 'accepted' });
    await expect(api(await officeWorker(hub, 'manager', worker)).record(checkIn())).resolves.toMatchObject({
      status: 'accepted',
    });
  });
});
