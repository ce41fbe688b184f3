import { ulid } from 'ulid';
import { testHub } from '../server/testing/test-hub';
import { isTooWide, PAGES, signIn, TestBrowser } from './browser/browser';
import { Phone } from './browser/field';

const hub = testHub({ pages: PAGES });
const browser = new TestBrowser();
// A map that is drawn without a graphics card takes its time.
jest.setTimeout(90_000);
beforeAll(() => browser.start());
afterAll(() => browser.stop());
afterEach(() => browser.closeAll());

const RAND = { lat: -26.2041, lng: 28.0473 };

describe('signing in', () => {
  it('leads a manager without a mouse to the live map, and out again', async () => {
    const manager = await hub.person({ role: 'manager' });
    const { page } = await browser.visit(hub.url);
    await signIn(page, manager);
    await page.getByRole('heading', { name: 'People' }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();

    await page.getByRole('button', { name: `Account of ${manager.name}` }).press('Enter');
    await page.getByRole('button', { name: 'Sign out' }).press('Enter');
    await page.getByRole('heading', { name: 'Sign in to Loro Hub' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in to Loro Hub' }).waitFor();
    expect(await page.getByRole('navigation').count()).toBe(0);
  });

  it('keeps a session over a reload', async () => {
    const { page } = await browser.visit(`${hub.url}/check-ins`);
    await signIn(page, await hub.person({ role: 'manager' }));
    await page.getByRole('heading', { name: 'Check-ins' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Check-ins' }).waitFor();
    expect(await page.getByLabel('Password').count()).toBe(0);
  });

  it('asks for the organisation of an address that belongs to several', async () => {
    const [here, there] = [await hub.person({ role: 'manager' }), await hub.person({ role: 'manager' })];
    await hub.sql('UPDATE users SET email = ? WHERE org_id = ? AND id = ?', [here.email, there.orgId, there.userId]);
    const { page } = await browser.visit(hub.url);
    await signIn(page, here);
    await page.getByRole('heading', { name: 'Which organisation?' }).waitFor();
    await page.getByRole('button', { name: there.orgId.toLowerCase() }).press('Enter');
    const account = page.getByRole('button', { name: /^Account of/ });
    await account.waitFor();
    expect(await account.getAttribute('aria-label')).toBe(`Account of ${there.name}`);
  });

  it('names no demo people on a hub that is no demo', async () => {
    const { page } = await browser.visit(hub.url);
    await page.getByRole('heading', { name: 'Sign in to Loro Hub' }).waitFor();
    expect(await page.getByText('Have a look around').count()).toBe(0);
  });

  it('says beside the field that address and password do not belong together', async () => {
    const { email } = await hub.person();
    const { page, trouble } = await browser.visit(hub.url);
    await signIn(page, { email, password: 'wrong' });
    await page.getByText('This e-mail and password do not belong together.').waitFor();
    expect(await page.getByLabel('Password').evaluate((field) => field === document.activeElement)).toBe(true);
    // Browsers write every refused request on the console; this one was asked for.
    expect(trouble.splice(0)).toEqual([expect.stringContaining('401')]);
  });
});

describe('the live map', () => {
  it('shows a person move within moments of a report', async () => {
    const manager = await hub.person({ role: 'manager' });
    const driver = await hub.person({ beside: manager });
    const phone = new Phone(hub, driver);
    await phone.report(RAND);

    const { page } = await browser.visit(hub.url);
    await signIn(page, manager);
    const entry = page.getByRole('option', { name: driver.name });
    await entry.getByText('Still').waitFor();
    await page.getByRole('combobox', { name: 'Find a person' }).fill(driver.name);
    await page.keyboard.press('Enter');
    const details = page.getByRole('complementary', { name: `About ${driver.name}` });
    await details.getByText('-26.20410, 28.04730').waitFor();

    await phone.report({ lat: -26.2038, lng: 28.0481, speed: 12.5 });
    await details.getByText('-26.20380, 28.04810').waitFor();
    await entry.getByText('Moving').waitFor();
    await entry.getByText('45 km/h').waitFor();
    expect(await details.innerText()).toMatch(/Speed\s+45 km\/h\s+E/);
  });

  it('opens a person by a click on the marker', async () => {
    const manager = await hub.person({ role: 'manager' });
    const driver = await hub.person({ beside: manager });
    await new Phone(hub, driver).report(RAND);
    const { page } = await browser.visit(hub.url);
    await signIn(page, manager);
    await page.getByRole('option', { name: driver.name }).waitFor();

    // One person alone stands in the middle of the map.
    const canvas = page.locator('.maplibregl-canvas');
    const details = page.getByRole('complementary', { name: `About ${driver.name}` });
    for (let tries = 0; tries < 40 && !(await details.isVisible()); tries++) {
      await canvas.click();
      await page.waitForTimeout(250);
    }
    expect(await details.isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
  });

  it('shows those who may see nobody else themselves, live', async () => {
    const driver = await hub.person({ role: 'staff' });
    const colleague = await hub.person({ beside: driver });
    const phone = new Phone(hub, driver);
    await phone.report(RAND);
    await new Phone(hub, colleague).report(RAND);
    const { page } = await browser.visit(hub.url);
    await signIn(page, driver);
    const entry = page.getByRole('option', { name: driver.name });
    await entry.getByText('Still').waitFor();
    await phone.report({ lat: -26.2038, lng: 28.0481, speed: 5 });
    await entry.getByText('18 km/h').waitFor();
    expect(await page.getByRole('option').count()).toBe(1);
  });

  it('hides and counts people by their state', async () => {
    const manager = await hub.person({ role: 'manager' });
    const [walking, waiting] = [await hub.person({ beside: manager }), await hub.person({ beside: manager })];
    await new Phone(hub, walking).report({ ...RAND, speed: 1.4 });
    await new Phone(hub, waiting).report({ lat: -26.21, lng: 28.05 });
    const { page } = await browser.visit(hub.url);
    await signIn(page, manager);
    await page.getByRole('option', { name: walking.name }).waitFor();

    await page.getByRole('button', { name: 'Moving 1' }).press('Enter');
    await page.getByRole('option', { name: walking.name }).waitFor({ state: 'detached' });
    expect(await page.getByRole('option', { name: waiting.name }).count()).toBe(1);
  });
});

describe('the check-ins', () => {
  it('appear and end while one looks on', async () => {
    const manager = await hub.person({ role: 'manager' });
    const technician = await hub.person({ beside: manager });
    const phone = new Phone(hub, technician);
    const { page } = await browser.visit(hub.url);
    await signIn(page, manager);
    await page.getByRole('link', { name: 'Check-ins' }).press('Enter');
    await page.getByText('No check-ins yet').waitFor();

    const id = await phone.checkIn('Cold room of the clinic');
    const entry = page.getByRole('listitem').filter({ hasText: technician.name });
    await entry.getByText('Cold room of the clinic').waitFor();
    await entry.getByText('On site').waitFor();
    await page
      .getByRole('status')
      .filter({ hasText: `${technician.name} checked in` })
      .waitFor();

    await phone.checkOut(id);
    await entry.getByText('On site').waitFor({ state: 'detached' });
    expect(await entry.count()).toBe(1);
  });

  it('are read by pages', async () => {
    const manager = await hub.person({ role: 'manager' });
    const technician = await hub.person({ beside: manager });
    for (let made = 0; made < 60; made++) {
      await hub.sql(
        `INSERT INTO check_ins (org_id, id, branch_id, user_id, started_at, started_lat_e7, started_lng_e7, ended_at,
           ended_lat_e7, ended_lng_e7, note) VALUES (?, ?, ?, ?, ?, 0, 0, ?, 0, 0, ?)`,
        [
          manager.orgId,
          ulid(Date.now() - made * 60_000),
          manager.branchId,
          technician.userId,
          new Date(Date.now() - made * 60_000),
          new Date(),
          `Visit ${made}`,
        ],
      );
    }
    const { page } = await browser.visit(`${hub.url}/check-ins`);
    await signIn(page, manager);
    await page.getByText(/Visit 49$/).waitFor();
    expect(await page.getByText(/Visit 50$/).count()).toBe(0);
    await page.getByRole('button', { name: 'Show older' }).press('Enter');
    await page.getByText(/Visit 59$/).waitFor();
    expect(await page.getByRole('listitem').filter({ hasText: 'Visit' }).count()).toBe(60);
  });

  it('let a person check in and out at the desk', async () => {
    const manager = await hub.person({ role: 'manager' });
    const { page } = await browser.visit(`${hub.url}/check-ins`, {
      permissions: ['geolocation'],
      geolocation: { latitude: RAND.lat, longitude: RAND.lng, accuracy: 12 },
    });
    await signIn(page, manager);
    await page.getByRole('button', { name: 'Check in' }).press('Enter');
    const entry = page.getByRole('listitem').filter({ hasText: manager.name });
    await entry.getByText('On site').waitFor();
    await page.getByRole('button', { name: 'Check out' }).press('Enter');
    await entry.getByText('On site').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Check in' }).waitFor();
    expect(await entry.count()).toBe(1);
  });
});

describe('the connection', () => {
  it('is said to be lost when it is, comes back by itself, and misses nothing', async () => {
    const manager = await hub.person({ role: 'manager' });
    const phone = new Phone(hub, await hub.person({ beside: manager }));
    const { page } = await browser.visit(`${hub.url}/check-ins`);
    const lines: { close: () => Promise<void> }[] = [];
    let isCut = false;
    await page.routeWebSocket(/socket\.io/, (socket) => {
      if (isCut) return void socket.close();
      socket.connectToServer();
      lines.push(socket);
    });
    await page.reload();
    await signIn(page, manager);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByText('No check-ins yet').waitFor();

    isCut = true;
    await Promise.all(lines.map((line) => line.close()));
    await page.getByText('Reconnecting').waitFor();
    await phone.checkIn('Made in the dark');
    expect(await page.getByText('Made in the dark').count()).toBe(0);
    isCut = false;
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByText('Made in the dark').waitFor();
  });
});

describe('the look', () => {
  it('turns dark and light, and remembers which', async () => {
    const { page } = await browser.visit(`${hub.url}/check-ins`, { colorScheme: 'light' });
    await signIn(page, await hub.person({ role: 'manager' }));
    const theme = () => page.evaluate(() => document.documentElement.dataset['theme']);
    await page.getByRole('button', { name: /^Account of/ }).press('Enter');
    expect(await theme()).toBe('light');
    await page.getByRole('radio', { name: 'Dark' }).press('Space');
    expect(await theme()).toBe('dark');
    await page.reload();
    await page.getByRole('heading', { name: 'Check-ins' }).waitFor();
    expect(await theme()).toBe('dark');
  });

  it('leads past the navigation by the first Tab', async () => {
    const { page } = await browser.visit(`${hub.url}/check-ins`);
    await signIn(page, await hub.person({ role: 'manager' }));
    await page.getByText('No check-ins yet').waitFor();
    await page.reload();
    await page.getByText('No check-ins yet').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  });

  it('fits a phone 360 pixels wide on every page', async () => {
    const manager = await hub.person({ role: 'manager' });
    const technician = await hub.person({ beside: manager });
    const phone = new Phone(hub, technician);
    await phone.report(RAND);
    await phone.checkIn('A note that is long enough to need more than the width of a phone, and a good deal more');
    const { page } = await browser.visit(hub.url, { viewport: { width: 360, height: 740 }, hasTouch: true });
    await page.getByLabel('E-mail').waitFor();
    expect(await isTooWide(page)).toBe(false);
    await signIn(page, manager);
    await page.getByRole('heading', { name: 'People' }).waitFor();
    expect(await isTooWide(page)).toBe(false);
    for (const [name, sign] of [
      ['Check-ins', technician.name],
      ['Reports', 'Make the report'],
    ] as const) {
      await page.getByRole('link', { name }).click();
      await page.getByText(sign).first().waitFor();
      expect(await isTooWide(page)).toBe(false);
    }
  });
});
