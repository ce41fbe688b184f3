import { streamName } from '@loro/contracts/kit/live';
import { addDays } from '../../platform';
import { Scene } from '../../testing/attendance-scene';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
const scene = new Scene(hub);
const MONDAY = '2027-02-01';
const WEEK = [0, 1, 2, 3, 4].map((days) => addDays(MONDAY, days));

beforeAll(() => scene.setClock('2027-02-08', '09:00'));

const people = async (preset: 'ZA_BCEA' | 'US_FLSA' | 'EU_WTD' = 'ZA_BCEA') => {
  const owner = await hub.person({ role: 'owner' });
  const policy = await scene.api(owner).createPolicy({ name: 'Ours', preset, isDefault: true });
  const worker = await scene.beside(owner, 'staff');
  const manager = await scene.beside(owner, 'manager');
  await scene.roster(owner, worker.userId);
  return { owner, worker, manager, policy };
};

/** A week of so many hours a day. */
async function work(owner: Person, worker: Person, until: string): Promise<void> {
  for (const date of WEEK) await scene.punch(owner, worker.userId, date, 'in 08:00', `out ${until}`);
  await scene.compute(worker, MONDAY);
}

describe('worked overtime', () => {
  it('waits for somebody else to approve it, and counts then', async () => {
    const { owner, worker, manager } = await people();
    const own = await hub.listen('/check-ins', worker);

    await work(owner, worker, '17:30');
    const { data } = await scene.api(worker).claims({});
    const claim = data.find(({ workDate }) => workDate === MONDAY);
    const claimId = claim?.id ?? '';

    expect(data).toHaveLength(5);
    expect(claim).toMatchObject({ seconds: 1_800, approvedSec: 0, factorPpm: 1_500_000, state: 'pending' });
    expect(await scene.day(worker, worker.userId, MONDAY)).toEqual([
      expect.objectContaining({ regularSec: 32_400, ot1Sec: 0, otUnapprovedSec: 1_800 }),
    ]);
    await expect(scene.api(worker).approveClaim({ claimId })).rejects.toMatchObject({ status: 403 });
    await expect(scene.api(manager).approveClaim({ claimId, seconds: 1_801 })).rejects.toMatchObject({ status: 422 });
    expect(await scene.api(manager).approveClaim({ claimId, seconds: 1_200, note: 'agreed' })).toMatchObject({
      state: 'approved',
      approvedSec: 1_200,
      settledAs: 'pay',
    });
    await expect(scene.api(manager).rejectClaim({ claimId })).rejects.toMatchObject({
      status: 409,
      code: 'STATE_INVALID',
    });
    await own.next('overtime:decided');
    await scene.compute(worker, MONDAY);
    expect(await scene.day(worker, worker.userId, MONDAY)).toEqual([
      expect.objectContaining({ ot1Sec: 1_200, otUnapprovedSec: 600, version: 2 }),
    ]);
    const { data: balances } = await scene.api(worker).balances({});
    expect(balances).toEqual([
      expect.objectContaining({
        userId: worker.userId,
        approvedSec: 1_200,
        pendingSec: 7_200,
        rejectedSec: 600,
        paidWeightedSec: 1_800,
      }),
    ]);
  });

  it('waits anew where it became more, and not where it became less', async () => {
    const { owner, worker, manager } = await people();
    await scene.punch(owner, worker.userId, MONDAY, 'in 08:00', 'out 18:00');
    await scene.compute(worker, MONDAY);
    const [claim] = (await scene.api(worker).claims({})).data;
    await scene.api(manager).approveClaim({ claimId: claim?.id ?? '' });
    const state = async () => {
      await scene.compute(worker, MONDAY);
      const [now] = (await scene.api(worker).claims({})).data;
      return [now?.state, now?.seconds, now?.approvedSec];
    };

    await scene.punch(owner, worker.userId, MONDAY, 'in 18:00', 'out 18:30');
    expect(await state()).toEqual(['pending', 5_400, 3_600]);
  });

  it('needs no decision as far as it was allowed beforehand', async () => {
    const { owner, worker, manager } = await people();
    const asked = await scene.api(worker).request({ date: MONDAY, minutes: 20, reason: 'The stock count' });

    await expect(scene.api(worker).approveRequest({ requestId: asked.id })).rejects.toMatchObject({ status: 403 });
    expect((await scene.api(manager).approveRequest({ requestId: asked.id })).state).toBe('approved');
    await work(owner, worker, '17:30');
    expect(await scene.day(worker, worker.userId, MONDAY)).toEqual([
      expect.objectContaining({ ot1Sec: 1_200, otUnapprovedSec: 600 }),
    ]);
    const own = await scene.api(manager).request({ date: MONDAY, minutes: 20, reason: 'Me too' });
    await expect(scene.api(manager).approveRequest({ requestId: own.id })).rejects.toMatchObject({
      code: 'SELF_APPROVAL',
    });
    expect((await scene.api(manager).withdrawRequest({ requestId: own.id })).state).toBe('withdrawn');
  });

  it('is another organisation’s secret', async () => {
    const { owner, worker } = await people();
    await work(owner, worker, '18:00');
    const [claim] = (await scene.api(worker).claims({})).data;
    const stranger = await hub.person({ role: 'owner' });

    await expect(scene.api(stranger).approveClaim({ claimId: claim?.id ?? '' })).rejects.toMatchObject({ status: 404 });
    expect((await scene.api(stranger).claims({ userId: worker.userId })).data).toEqual([]);
  });
});

describe('overtime policies', () => {
  it('begin with a preset, are one organisation’s default at a time, and change days', async () => {
    const { owner, worker, policy } = await people('US_FLSA');
    await work(owner, worker, '18:00');
    expect((await scene.day(worker, worker.userId, WEEK[4] ?? ''))[0]).toMatchObject({
      regularSec: 0,
      otUnapprovedSec: 36_000,
    });

    const other = await scene
      .api(owner)
      .createPolicy({ name: 'Free', rules: { requireApproval: false, dailyMin: 480 }, isDefault: true });
    await hub.work('attendance.recompute', {
      orgId: owner.orgId,
      userIds: [worker.userId],
      from: MONDAY,
      to: WEEK[4] ?? '',
    });

    expect((await scene.api(owner).policy({ policyId: policy.id })).isDefault).toBe(false);
    expect((await scene.day(worker, worker.userId, WEEK[4] ?? ''))[0]).toMatchObject({
      regularSec: 28_800,
      ot1Sec: 7_200,
      otUnapprovedSec: 0,
    });
    expect((await scene.api(worker).claims({ state: 'auto' })).data).toHaveLength(5);
    await expect(scene.api(owner).createPolicy({ name: 'Ours', preset: 'US_CA' })).rejects.toMatchObject({
      code: 'POLICY_NAME_TAKEN',
    });
    await expect(
      scene.api(owner).createPolicy({ name: 'Odd', rules: { dailyMin: 480, dailyDoubleMin: 60 } }),
    ).rejects.toMatchObject({ status: 422 });
    const shift = await scene.shift(owner, { overtimePolicyId: other.id });
    await expect(
      scene.api(owner).removePolicy({ policyId: other.id }, { headers: { 'if-match': '"1"' } }),
    ).rejects.toMatchObject({ code: 'POLICY_IN_USE' });
    expect((await scene.api(owner).shift({ shiftId: shift })).overtimePolicyId).toBe(other.id);
  });
});

describe('watching overtime', () => {
  it('warns the person and the branch at 80 and at 100 % of the week, once each', async () => {
    const { owner, worker } = await people('US_FLSA');
    scene.setClock('2027-02-12', '09:00');
    const fresh = await scene.beside(owner, 'manager');
    const branch = await hub.listen('/check-ins', fresh);
    await branch.subscribe(streamName(owner.orgId, 'attendance', owner.branchId));
    const boss = await scene.beside(owner, 'admin');
    const week = [0, 1, 2, 3].map((days) => addDays('2027-02-08', days));
    for (const date of week) await scene.punch(boss, worker.userId, date, 'in 08:00', 'out 16:00');
    await scene.compute(worker, '2027-02-08');
    const watch = () => hub.work('attendance.ot-watch', { tick: hub.clock.now().toISOString() });

    await watch();
    await watch();
    await branch.next('overtime:warning');
    const kinds = () => branch.heard('overtime:warning').map((data) => (data as { kind: string }).kind);
    expect(kinds()).toEqual(['80']);
    await scene.punch(boss, worker.userId, '2027-02-11', 'in 17:00', 'out 23:30');
    await scene.punch(boss, worker.userId, '2027-02-10', 'in 17:00', 'out 20:00');
    await scene.compute(worker, '2027-02-11');
    await Promise.all([watch(), watch()]);
    await branch.next('overtime:warning', ({ kind }: { kind: string }) => kind === '100');
    expect(kinds()).toEqual(['80', '100']);
  });
});
