import { readFile } from 'node:fs/promises';
import { testHub } from '../server/testing/test-hub';
import { hostJobs } from '../workers/host';
import { isTooWide, PAGES, signIn, TestBrowser } from './browser/browser';
import { Phone } from './browser/field';

const hub = testHub({ pages: PAGES });
const browser = new TestBrowser();
// A map that is drawn without a graphics card takes its time.
jest.setTimeout(90_000);
beforeAll(() => browser.start());
afterAll(() => browser.stop());
afterEach(() => browser.closeAll());

let isHosted = false;

/** Begins to work off jobs, as a worker does; no test has one before it asks. */
function startWorker(): void {
  if (!isHosted) hostJobs(hub.hub);
  isHosted = true;
}

/** A kilometre to the east, a fix every ten seconds. */
const drive = Array.from({ length: 11 }, (_, step) => ({
  lat: 0,
  lng: 30 + step * 0.0009,
  speed: 10,
  secondsAgo: (10 - step) * 10,
}));

describe('a report', () => {
  it('waits for a worker, grows before one’s eyes and becomes chart, table and file', async () => {
    const manager = await hub.person({ role: 'manager' });
    const [ayo, bea] = [await hub.person({ beside: manager }), await hub.person({ beside: manager })];
    await new Phone(hub, ayo).report(...drive);
    await new Phone(hub, bea).report(...drive.slice(0, 6));

    const { page } = await browser.visit(`${hub.url}/reports`);
    await signIn(page, manager);
    await page.getByText('No reports yet').waitFor();
    await page.getByRole('button', { name: 'Make the report' }).press('Enter');
    await page.getByText('Waiting for a worker').waitFor();
    // What the bar says from now on.
    await page.evaluate(() => {
      const said: (string | null)[] = [];
      Object.assign(window, { said });
      new MutationObserver((changes) => {
        for (const { target } of changes)
          if (target instanceof Element) said.push(target.getAttribute('aria-valuenow'));
      }).observe(document.body, { subtree: true, attributeFilter: ['aria-valuenow'] });
    });

    startWorker();
    await page.getByRole('img', { name: /^Distance by day/ }).waitFor();
    const said = await page.evaluate(() => ('said' in window && Array.isArray(window.said) ? window.said : []));
    expect(said).toContain('50');
    expect(await page.getByRole('progressbar').count()).toBe(0);

    const rows = page.getByRole('group', { name: /every person and day/ }).getByRole('row');
    expect(await rows.filter({ hasText: ayo.name }).innerText()).toMatch(/1\.0/);
    expect(await rows.filter({ hasText: bea.name }).count()).toBe(1);
    await page.getByRole('radio', { name: 'By person' }).press('Space');
    await page.getByRole('img', { name: new RegExp(`^Distance by person.*highest is ${ayo.name}`) }).waitFor();

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download CSV' }).press('Enter'),
    ]);
    expect(download.suggestedFilename()).toMatch(/^daily-distance-.*\.csv$/);
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\r\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain('Person,Day,Distance (m),Moving (min)');
    expect(lines.find((line) => line.includes(ayo.name))).toMatch(/,(9\d\d|10\d\d),/);
  });

  it('stays in the list of its person, and opens from there', async () => {
    startWorker();
    const manager = await hub.person({ role: 'manager' });
    await new Phone(hub, await hub.person({ beside: manager })).report(...drive);
    const { page } = await browser.visit(`${hub.url}/reports`, { viewport: { width: 360, height: 740 } });
    await signIn(page, manager);
    await page.getByRole('button', { name: 'Make the report' }).press('Enter');
    await page.getByRole('img', { name: /^Distance by day/ }).waitFor();
    expect(await isTooWide(page)).toBe(false);

    await page.getByRole('link', { name: 'All reports' }).press('Enter');
    await page.getByRole('link', { name: /Ready/ }).press('Enter');
    await page.getByRole('img', { name: /^Distance by day/ }).waitFor();
  });

  it('says which date is wrong, beside its field', async () => {
    const { page, trouble } = await browser.visit(`${hub.url}/reports`);
    await signIn(page, await hub.person({ role: 'manager' }));
    await page.getByLabel('From').fill('2026-11-20');
    await page.getByLabel('To', { exact: true }).fill('2026-11-10');
    await page.getByRole('button', { name: 'Make the report' }).press('Enter');
    await page.getByText('This is before from.').waitFor();
    // Browsers write every refused request on the console; this one was asked for.
    expect(trouble.splice(0)).toEqual([expect.stringContaining('422')]);
  });
});
