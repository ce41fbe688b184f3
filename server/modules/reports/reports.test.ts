import { type ReportRun, reportsApi } from '@loro/contracts/reports';
import { trackingApi } from '@loro/contracts/tracking';
import { type Person, testHub } from '../../testing/test-hub';
import { ulid } from '../../platform/ulid';

const hub = testHub();
const DAY = '2026-11-20';
const ask = { kind: 'tracking.daily-distance', params: { from: DAY, to: DAY } } as const;

/** A drive along a meridian: `steps` of 0.001 degrees (111.2 m), one every ten seconds from 08:00 in Johannesburg. */
async function drive(person: Person, steps: number): Promise<void> {
  const fixes = Array.from({ length: steps + 1 }, (_, index) => ({
    n: index + 1,
    at: new Date(Date.parse(`${DAY}T06:00:00Z`) + index * 10_000).toISOString(),
    lat: -26.2 + index * 0.001,
    lng: 28.05,
    accuracy: 5,
  }));
  await hub.api(trackingApi, person).report({ device: ulid(), boot: ulid(), fixes });
}

describe('asking for daily distances', () => {
  it('is answered at once and made by a worker, which tells the person how far it is and what came of it', async () => {
    const manager = await hub.person({ role: 'manager' });
    const driver = await hub.person({ beside: manager });
    await drive(driver, 30);
    const listener = await hub.listen('/reports', manager);

    const asked = await hub.api(reportsApi, manager).request(ask);
    expect(asked).toMatchObject({ status: 'queued', result: null });
    await hub.work('reports.run-report', { orgId: manager.orgId, runId: asked.id });

    const finished = await listener.next<ReportRun>('report:finished');
    expect(finished.result?.rows).toEqual([
      expect.objectContaining({ name: driver.name, date: DAY, movingMinutes: 5, trackedMinutes: 5, fixes: 31 }),
    ]);
    // 30 steps of 0.001° on a sphere of radius 6 371 008.8 m.
    expect(finished.result?.totals.metres).toBe(3_336);
    expect(listener.heard('report:progressed')).toContainEqual(
      expect.objectContaining({ runId: asked.id, percent: 100 }),
    );
    expect(await hub.api(reportsApi, manager).run({ runId: asked.id })).toEqual(finished);
  });

  it('shows a person no further than their own reach, and their runs to nobody else', async () => {
    const manager = await hub.person({ role: 'manager' });
    const elsewhere = await hub.person({ elsewhereIn: manager });
    const stranger = await hub.person({ role: 'admin' });
    await drive(elsewhere, 5);

    const asked = await hub.api(reportsApi, manager).request(ask);
    await hub.work('reports.run-report', { orgId: manager.orgId, runId: asked.id });

    const run = await hub.api(reportsApi, manager).run({ runId: asked.id });
    expect(run.result?.rows).toEqual([]);
    for (const other of [elsewhere, stranger])
      await expect(hub.api(reportsApi, other).run({ runId: asked.id })).rejects.toMatchObject({ status: 404 });
  });

  it('gives the same result when its worker died and it runs again', async () => {
    const manager = await hub.person({ role: 'manager' });
    await drive(await hub.person({ beside: manager }), 3);
    const listener = await hub.listen('/reports', manager);
    const asked = await hub.api(reportsApi, manager).request(ask);

    await hub.work('reports.run-report', { orgId: manager.orgId, runId: asked.id });
    await hub.work('reports.run-report', { orgId: manager.orgId, runId: asked.id });

    await listener.next('report:finished');
    expect(listener.heard('report:finished')).toHaveLength(1);
  });

  it('has ten waiting at most, whatever twelve at once try', async () => {
    const manager = await hub.person({ role: 'manager' });
    const request = () => hub.api(reportsApi, manager).request(ask);

    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, request));
    while ((await Promise.allSettled([request()]))[0]?.status === 'fulfilled');

    const rows = await hub.sql('SELECT id FROM report_runs WHERE requested_by = ?', [manager.userId]);
    expect(rows).toHaveLength(10);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ status: 409, code: 'TOO_MANY_RUNS' });
    await expect(request()).rejects.toMatchObject({ status: 409, code: 'TOO_MANY_RUNS' });
  });

  it('names every wrong parameter', async () => {
    const manager = await hub.person({ role: 'manager' });
    const wrong = { kind: 'tracking.daily-distance', params: { from: '2026-02-30', to: 'soon', branchId: 'x' } };

    await expect(hub.api(reportsApi, manager).request(wrong as never)).rejects.toMatchObject({
      status: 422,
      problem: {
        errors: ['params.from', 'params.to', 'params.branchId'].map(
          (path) => expect.objectContaining({ path }) as object,
        ),
      },
    });
  });
});

describe('listing reports', () => {
  it('pages through them, newest first, without their rows', async () => {
    const manager = await hub.person({ role: 'manager' });
    const api = hub.api(reportsApi, manager);
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.unshift((await api.request(ask)).id);

    const first = await api.runs({ limit: 3 });
    const second = await api.runs({ limit: 3, cursor: first.page.nextCursor ?? '' });

    expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(ids);
    expect(second.page.nextCursor).toBeNull();
  });
});
