import { checkInSetupApi } from '@loro/contracts/check-ins-setup';
import { checkInsApi } from '@loro/contracts/check-ins';
import { trackingApi } from '@loro/contracts/tracking';
import { checkIn, OFFICE, officeWorker } from '../../testing/check-in-people';
import { testHub } from '../../testing/test-hub';
import { ulid } from '../../platform/ulid';

const hub = testHub();
const METRE = 1 / 111_194.926_644_559;
const fixes = (way: readonly (readonly [seconds: number, northM: number])[]) =>
  way.map(([seconds, northM], index) => ({
    n: index + 1,
    at: new Date(hub.clock.now().getTime() + seconds * 1_000).toISOString(),
    lat: OFFICE.lat + northM * METRE,
    lng: OFFICE.lng,
    accuracy: 5,
  }));

describe('somebody who drives away from the office', () => {
  it.each([
    ['is checked out at the moment of leaving, where a rule says so', true],
    ['stays checked in, where no rule says so', false],
  ])('%s', async (_name, autoCheckOut) => {
    const worker = await officeWorker(hub);
    const admin = await hub.person({ role: 'admin', beside: worker });
    if (autoCheckOut)
      await hub.api(checkInSetupApi, admin).makeRule({ type: 'office', settings: { autoCheckOut: true } });
    const mine = await hub.api(checkInsApi, worker).record(checkIn());
    const way = fixes([
      [1, 0],
      [20, 300],
      [40, 600],
    ]);

    hub.clock.advance(60_000);
    await hub.api(trackingApi, worker).report({ device: ulid(), boot: ulid(), fixes: way });
    await hub.work('tracking.follow-tracks');

    const { endedAt } = await hub.api(checkInsApi, worker).get({ checkInId: mine.id });
    expect(endedAt).toBe(autoCheckOut ? way[1]?.at : null);
  });
});
