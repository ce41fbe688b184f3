import { dutyApi } from '@loro/contracts/check-ins-duty';
import { testHub } from '../server/testing/test-hub';
import { isTooWide, PAGES, signIn, TestBrowser } from './browser/browser';

const hub = testHub({ pages: PAGES });
const browser = new TestBrowser();
jest.setTimeout(60_000);
beforeAll(() => browser.start());
afterAll(() => browser.stop());
afterEach(() => browser.closeAll());

describe('who is on duty', () => {
  it('changes before the eyes of the manager, and can be asked where', async () => {
    const manager = await hub.person({ role: 'manager' });
    const staff = await hub.person({ beside: manager });
    const { page } = await browser.visit(`${hub.url}/duty`, { viewport: { width: 390, height: 800 } });
    await signIn(page, manager);
    const row = page.getByRole('listitem').filter({ hasText: staff.name });
    await row.getByText('Off duty').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await isTooWide(page)).toBe(false);

    await hub.api(dutyApi, staff).set({ state: 'on' });
    await row.getByText('On duty').waitFor();
    await row.getByRole('button', { name: /for the place/ }).press('Enter');
    await page.getByText(`${staff.name} is asked`).waitFor();

    await hub.api(dutyApi, staff).panic({});
    const alarm = page.getByRole('alert').filter({ hasText: `${staff.name} needs help` });
    await alarm.getByRole('button', { name: 'All is well' }).press('Enter');
    await alarm.waitFor({ state: 'detached' });
  });

  it('is said by oneself', async () => {
    const manager = await hub.person({ role: 'manager' });
    const { page } = await browser.visit(`${hub.url}/duty`);
    await signIn(page, manager);
    const own = page.getByRole('group', { name: 'Your state' });
    await own.getByText('On duty', { exact: true }).click();
    await page.getByRole('listitem').filter({ hasText: manager.name }).getByText('On duty').waitFor();
    expect(await hub.api(dutyApi, manager).mine()).toMatchObject({ state: 'on' });
  });
});
