import { branchesApi } from '@loro/contracts/branches';
import { checkInsApi } from '@loro/contracts/check-ins';
import { trackingApi } from '@loro/contracts/tracking';
import { ulid } from 'ulid';
import { AT_BORDER, checkIn, officeWorker } from '../server/testing/check-in-people';
import { testHub } from '../server/testing/test-hub';
import { isTooWide, PAGES, signIn, TestBrowser } from './browser/browser';

const hub = testHub({ pages: PAGES });
const browser = new TestBrowser();
jest.setTimeout(90_000);
beforeAll(() => browser.start());
afterAll(() => browser.stop());
afterEach(() => browser.closeAll());

const phone = { viewport: { width: 390, height: 800 } };
const office = { lat: -26.1076, lng: 28.0568 };
const METRE = 1 / 111_195;

describe('a fence', () => {
  it('is drawn, changed by the arrow keys, and taken away, without a mouse, on a phone', async () => {
    const manager = await hub.person({ role: 'manager' });
    const { page } = await browser.visit(`${hub.url}/fences`, phone);
    await signIn(page, manager);
    await page.getByText('No fences yet').waitFor();
    await page.getByRole('button', { name: 'Draw a fence' }).press('Enter');
    await page.getByLabel('Name of the fence').fill('Yard of Acme');
    await page.getByLabel('Latitude of its middle').fill(String(office.lat));
    await page.getByLabel('Longitude of its middle').fill(String(office.lng));
    await page.getByLabel('Radius in metres').fill('120');
    await page.getByLabel('Speed limit in km/h (optional)').fill('30');
    expect(await isTooWide(page)).toBe(false);
    await page.getByRole('button', { name: 'Save it' }).press('Enter');
    await page.getByRole('heading', { name: 'Yard of Acme' }).waitFor();
    const open = hub.api(branchesApi, manager);
    expect((await open.geofences({})).data).toMatchObject([
      { name: 'Yard of Acme', shape: { kind: 'circle', radiusM: 120 }, speedLimitKmh: 30 },
    ]);

    await page.getByRole('button', { name: 'Change on the map' }).press('Enter');
    await page.getByText('Corners', { exact: true }).click();
    await page.getByRole('button', { name: 'Corner 1 of the fence' }).press('ArrowUp');
    await page.getByRole('button', { name: 'Add a corner after corner 2' }).press('Enter');
    await page.getByRole('button', { name: 'Save it' }).press('Enter');
    await page.getByRole('button', { name: 'Take it away' }).waitFor();
    const [fence] = (await open.geofences({})).data;
    expect(fence?.shape.kind === 'polygon' && fence.shape.corners).toHaveLength(7);
    expect(await isTooWide(page)).toBe(false);

    await page.getByRole('button', { name: 'Take it away' }).press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Take it away' }).press('Enter');
    await page.getByText('No fences yet').waitFor();
  });

  it('that somebody else draws is there at once, and only to look at for who may not draw', async () => {
    const manager = await hub.person({ role: 'manager' });
    const staff = await hub.person({ beside: manager });
    const { page } = await browser.visit(`${hub.url}/fences`);
    await signIn(page, staff);
    await page.getByText('No fences yet').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();

    const shape = { kind: 'circle', center: office, radiusM: 80 } as const;
    await hub.api(branchesApi, manager).createGeofence({ name: 'Depot', branchId: manager.branchId, shape });

    await page.getByRole('link', { name: /Depot/ }).press('Enter');
    await page.getByRole('heading', { name: 'Depot' }).waitFor();
    expect(await page.getByRole('button', { name: /Draw a fence|Change on the map|Take it away/ }).count()).toBe(0);
  });
});

describe('a day on the road', () => {
  it('is played back by a slider, with its trips and stops beside it', async () => {
    const manager = await hub.person({ role: 'manager' });
    const driver = await hub.person({ beside: manager });
    const startMs = Math.floor(Date.now() / 1000) * 1000 - 40 * 60_000;
    // Ten minutes in the yard, ten on the road, ten at a client.
    const metres = (minute: number) => (minute < 10 ? 0 : minute < 20 ? (minute - 10) * 600 : 6_000);
    const fixes = Array.from({ length: 61 }, (_, half) => ({
      n: half + 1,
      at: new Date(startMs + half * 30_000).toISOString(),
      lat: office.lat + metres(half / 2) * METRE,
      lng: office.lng,
      accuracy: 5,
      speed: half / 2 >= 10 && half / 2 < 20 ? 10 : 0,
    }));
    await hub.api(trackingApi, driver).report({ device: ulid(), boot: ulid(), fixes });
    await hub.work('tracking.follow-tracks');
    await hub.work('tracking.compute-day');
    const { page } = await browser.visit(`${hub.url}/journeys`, phone);
    await signIn(page, manager);
    const slider = page.getByRole('slider', { name: 'Time of the day' });
    await slider.waitFor();
    const before = Number(await slider.inputValue());
    await slider.press('ArrowRight');
    await slider.press('ArrowRight');
    expect(Number(await slider.inputValue()) - before).toBe(120_000);
    expect(await isTooWide(page)).toBe(false);

    await page.getByLabel('How fast').selectOption('900');
    await page.getByRole('button', { name: 'Play' }).press('Enter');
    await page.waitForFunction(
      (from) => Number(document.querySelector<HTMLInputElement>('.player-slider')?.value) > from + 600_000,
      before,
    );
    const trip = page.getByRole('button', { name: /→/ }).first();
    await trip.press('Enter');
    await page.getByRole('button', { name: 'Play' }).waitFor();
    expect(await trip.getAttribute('aria-current')).toBe('true');
    expect(Number(await slider.inputValue())).toBeGreaterThanOrEqual(before + 8 * 60_000);
  });

  it('without a position says so', async () => {
    const manager = await hub.person({ role: 'manager' });
    const { page } = await browser.visit(`${hub.url}/journeys?date=2026-01-05`);
    await signIn(page, manager);
    await page.getByText('Nobody reports yet').waitFor();
    expect(await page.getByRole('slider').count()).toBe(0);
  });
});

describe('a doubtful check-in', () => {
  it('waits with its evidence and reasons until somebody decides, and the next one follows', async () => {
    const manager = await officeWorker(hub, 'manager');
    const [first, second] = [await hub.person({ beside: manager }), await hub.person({ beside: manager })];
    const hand = async (person: typeof first) =>
      hub.api(checkInsApi, person).record(checkIn({ position: AT_BORDER, note: 'At the gate' }));
    const doubtful = await hand(first);
    await hand(second);
    expect(doubtful.status).toBe('flagged');
    const { page } = await browser.visit(`${hub.url}/review`, phone);
    await signIn(page, manager);
    await page.getByRole('link', { name: new RegExp(first.name) }).press('Enter');
    const why = page.getByRole('list', { name: 'Why it waits' });
    await why.getByText('The place is not certain').waitFor();
    await page.getByText('At the gate').waitFor();
    expect(await isTooWide(page)).toBe(false);

    await page.getByLabel('Why', { exact: true }).fill('The gate belongs to the office');
    await page.getByRole('button', { name: 'Accept' }).press('Enter');

    await page.getByRole('heading', { name: second.name }).waitFor();
    const accepted = await hub.api(checkInsApi, manager).recorded({ recordId: doubtful.id });
    expect(accepted).toMatchObject({ status: 'accepted', reviewReason: 'The gate belongs to the office' });
  });
});

describe('checking in at the desk', () => {
  it('says what for, keeps a note, and stands among the records', async () => {
    const staff = await officeWorker(hub);
    const { page } = await browser.visit(`${hub.url}/check-ins`, {
      ...phone,
      permissions: ['geolocation'],
      geolocation: { latitude: office.lat, longitude: office.lng, accuracy: 10 },
    });
    await signIn(page, staff);
    await page.getByLabel('What for').selectOption({ label: 'At the office' });
    await page.getByRole('button', { name: 'Add a note' }).press('Enter');
    await page.getByLabel('Note').fill('Early shift');
    await page.getByRole('button', { name: 'Check in' }).press('Enter');
    await page.getByRole('button', { name: 'Check out' }).waitFor();

    await page.getByText('Records', { exact: true }).click();
    await page.getByText('Early shift').waitFor();
    expect(await isTooWide(page)).toBe(false);
    const { data } = await hub.api(checkInsApi, staff).records({});
    expect(data).toMatchObject([{ type: 'office', kind: 'in', note: 'Early shift', status: 'accepted' }]);
  });
});
