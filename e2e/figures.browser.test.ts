import { activityApi } from '@loro/contracts/activity';
import { ulid } from 'ulid';
import { testHub } from '../server/testing/test-hub';
import { isTooWide, PAGES, signIn, TestBrowser } from './browser/browser';

const hub = testHub({ pages: PAGES });
const browser = new TestBrowser();
jest.setTimeout(60_000);
beforeAll(() => browser.start());
afterAll(() => browser.stop());
afterEach(() => browser.closeAll());

describe('figures', () => {
  it('show a metric over time, and are watched by a rule that fires', async () => {
    const owner = await hub.person({ role: 'owner' });
    const open = hub.api(activityApi, owner);
    await open.createMetricDef({ key: 'queue.length', name: 'Length of the queue', kind: 'gauge' });
    const at = new Date(hub.clock.now().getTime() - 60_000).toISOString();
    await open.ingestMetrics({ points: [{ id: ulid(), metric: 'queue.length', value: 42, at }] });
    await hub.work('tracking.roll-up');
    const { page } = await browser.visit(`${hub.url}/figures?metric=queue.length`, {
      viewport: { width: 390, height: 800 },
    });
    await signIn(page, owner);
    await page.getByRole('heading', { name: 'Length of the queue' }).waitFor();
    await page.getByText('42', { exact: true }).first().waitFor();
    expect(await isTooWide(page)).toBe(false);

    await page.getByText('Rules', { exact: true }).click();
    await page.getByRole('button', { name: 'Watch a metric' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Too long a queue');
    await dialog.getByLabel('Metric').selectOption({ label: 'Length of the queue' });
    await dialog.getByLabel('Limit', { exact: true }).fill('10');
    await dialog.getByLabel('For so many minutes').fill('0');
    await dialog.getByRole('button', { name: 'Watch it' }).press('Enter');
    await page.getByText(/queue.length > 10/).waitFor();
    await hub.work('tracking.judge-alerts', { tick: hub.clock.now().toISOString() });

    await page.getByText('Alerts', { exact: true }).click();
    await page.getByRole('button', { name: 'Take care of Too long a queue' }).press('Enter');
    await page.getByText(/taken care of/).waitFor();
    expect(await isTooWide(page)).toBe(false);
    const { data } = await open.alerts({ state: 'firing' });
    expect(data).toMatchObject([{ name: 'Too long a queue', acknowledgedBy: owner.userId }]);
  });
});
