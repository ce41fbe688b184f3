import { configurationApi } from '@loro/contracts/configuration';
import { flagsApi } from '@loro/contracts/flags';
import { testHub } from '../server/testing/test-hub';
import { isTooWide, PAGES, signIn, TestBrowser } from './browser/browser';

const hub = testHub({ pages: PAGES });
const browser = new TestBrowser();
jest.setTimeout(60_000);
beforeAll(() => browser.start());
afterAll(() => browser.stop());
afterEach(() => browser.closeAll());

const KEY = 'security.password-min-length';

describe('a setting', () => {
  it('is changed with its reason, tells where its value comes from, and is rolled back, on a phone', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { page, trouble } = await browser.visit(`${hub.url}/settings`, { viewport: { width: 360, height: 740 } });
    await signIn(page, admin);
    await page.getByLabel('Area').selectOption({ label: 'Security' });
    expect(await isTooWide(page)).toBe(false);
    await page.getByRole('link', { name: /Password min length/ }).press('Enter');
    const chain = page.getByRole('list', { name: /Where it comes from/ });
    await chain.getByRole('listitem').filter({ hasText: 'counts' }).filter({ hasText: 'as shipped' }).waitFor();
    await page.getByText('Never changed').waitFor();

    await page.getByRole('button', { name: 'Change' }).press('Enter');
    await page.getByLabel('Value').fill('3');
    await page.getByRole('button', { name: 'Set it' }).press('Enter');
    await page.locator('.field-error').waitFor();
    await page.getByLabel('Value').fill('21');
    await page.getByLabel('Why (optional)').fill('the insurer asks for it');
    await page.getByRole('button', { name: 'Set it' }).press('Enter');
    await chain.getByRole('listitem').filter({ hasText: 'counts' }).filter({ hasText: '21' }).waitFor();
    await page.getByText('the insurer asks for it').waitFor();
    expect(await isTooWide(page)).toBe(false);

    await page.getByRole('button', { name: 'Roll back to not set' }).press('Enter');
    await chain.getByRole('listitem').filter({ hasText: 'counts' }).filter({ hasText: 'as shipped' }).waitFor();
    const { data } = await hub.api(configurationApi, admin).effective({ keys: KEY });
    expect(data[0]?.source).toBe('default');
    // Browsers write every refused request on the console; the value that is too small was asked for.
    expect(trouble.splice(0)).toEqual([expect.stringContaining('422')]);
  });

  it('that somebody else changes is shown at once', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { page } = await browser.visit(`${hub.url}/settings`);
    await signIn(page, admin);
    const row = page.getByRole('link', { name: /Password min length/ });
    await row.waitFor();
    await page.getByText('Live', { exact: true }).waitFor();

    await hub
      .api(configurationApi, admin)
      .setForOrganisation({ ownerId: admin.orgId, key: KEY, value: 33 }, { headers: { 'if-match': '0' } });

    await row.filter({ hasText: '33' }).waitFor();
    expect(await row.innerText()).toContain('organisation');
  });

  it('is shown without a way to change it to who may only look', async () => {
    const { page } = await browser.visit(`${hub.url}/settings/${KEY}`);
    await signIn(page, await hub.person({ role: 'auditor' }));
    await page.getByRole('heading', { name: 'Password min length' }).waitFor();
    expect(await page.getByRole('button', { name: /Change|Roll back/ }).count()).toBe(0);
  });
});

describe('several settings', () => {
  it('are planned together, applied at once and rolled back together', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { page } = await browser.visit(`${hub.url}/settings/change-sets`, { viewport: { width: 390, height: 800 } });
    await signIn(page, admin);
    await page.getByText('Nothing is planned').waitFor();
    await page.getByRole('button', { name: 'Plan changes' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Add a setting').selectOption({ label: 'Security: Password min length' });
    await dialog.getByLabel('Value').fill('19');
    await dialog.getByLabel('Why (optional)').fill('audit of spring');
    expect(await isTooWide(page)).toBe(false);
    await dialog.getByRole('button', { name: 'Save it' }).press('Enter');
    await page.getByText('audit of spring').waitFor();
    const held = async () => (await hub.api(configurationApi, admin).effective({ keys: KEY })).data[0]?.value;
    expect(await held()).not.toBe(19);

    await page.getByRole('button', { name: 'Apply', exact: true }).press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Apply it now' }).press('Enter');
    await page.getByRole('listitem').getByText('Applied', { exact: true }).waitFor();
    expect(await held()).toBe(19);
    expect(await isTooWide(page)).toBe(false);

    await page.getByRole('button', { name: 'Roll back', exact: true }).press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Roll it back' }).press('Enter');
    await page.getByRole('listitem').getByText('Rolled back', { exact: true }).waitFor();
    expect(await held()).not.toBe(19);
  });
});

describe('a flag', () => {
  it('is switched for the own organisation, and says why it is on', async () => {
    const key = 'new-map';
    const operator = await hub.person({ role: 'platform_admin' });
    await hub
      .api(flagsApi, operator)
      .create({ key, type: 'release', description: 'The new map', isEnabled: true, isTenantControllable: true });
    const { page } = await browser.visit(`${hub.url}/settings/flags`);
    await signIn(page, await hub.person({ role: 'admin' }));
    const row = page.getByRole('listitem').filter({ hasText: key });
    await row.getByText('Why').press('Enter');
    await row.getByText('No rule matches.').waitFor();

    await row.getByRole('button', { name: `Switch ${key} on` }).press('Enter');
    await row.getByText('Your organisation switched it.').waitFor();
    await row.getByRole('button', { name: `Switch ${key} off` }).waitFor();
    await row.getByRole('button', { name: `Let the rules decide about ${key}` }).press('Enter');
    await row.getByText('No rule matches.').waitFor();
    expect(await row.getByRole('button', { name: /rules decide/ }).count()).toBe(0);
  });
});
