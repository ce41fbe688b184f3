import { accessApi } from '@loro/contracts/access';
import { testHub } from '../server/testing/test-hub';
import { isTooWide, PAGES, signIn, TestBrowser } from './browser/browser';

const hub = testHub({ pages: PAGES });
const browser = new TestBrowser();
jest.setTimeout(60_000);
beforeAll(() => browser.start());
afterAll(() => browser.stop());
afterEach(() => browser.closeAll());

describe('the roles of an organisation', () => {
  it('are made and changed without a mouse, on a phone', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { page } = await browser.visit(`${hub.url}/roles`, { viewport: { width: 360, height: 740 } });
    await signIn(page, admin);
    await page.getByRole('link', { name: /^Manager/ }).waitFor();
    expect(await isTooWide(page)).toBe(false);

    await page.getByRole('button', { name: 'Make a role' }).press('Enter');
    await page.getByLabel('Name').fill('Shift lead');
    await page.getByText('Check ins', { exact: true }).press('Enter');
    await page.getByLabel('Check ins: read', { exact: true }).selectOption({ label: 'branch and below' });
    expect(await isTooWide(page)).toBe(false);
    await page.getByRole('button', { name: 'Make it' }).press('Enter');
    await page.getByRole('heading', { name: 'Shift lead' }).waitFor();

    await page.getByRole('button', { name: 'Change' }).press('Enter');
    await page.getByLabel('What it is for').fill('Leads a shift');
    await page.locator('summary', { hasText: 'People' }).press('Enter');
    await page.getByLabel('People: read', { exact: true }).selectOption({ label: 'whole organisation' });
    await page.getByRole('button', { name: 'Save it' }).press('Enter');
    await page.getByRole('button', { name: 'Change' }).waitFor();

    const { data } = await hub.api(accessApi, admin).roles({ limit: 100 });
    expect(data.find(({ name }) => name === 'Shift lead')).toMatchObject({
      description: 'Leads a shift',
      permissions: expect.arrayContaining([
        { permission: 'check-ins.read', scope: 'subtree' },
        { permission: 'people.read', scope: 'org' },
      ]),
    });
  });

  it('are shown, and no more, to who does not manage them', async () => {
    const hr = await hub.person({ role: 'hr' });
    const { page } = await browser.visit(`${hub.url}/roles/manager`);
    await signIn(page, hr);
    await page.getByRole('heading', { name: 'Manager' }).waitFor();
    await page.getByText('branch and below').first().waitFor();
    expect(await page.getByRole('button', { name: /Make a role|Change|Remove/ }).count()).toBe(0);
  });
});
