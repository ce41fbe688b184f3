import { integrationsApi } from '@loro/contracts/integrations';
import { storageTargetsApi } from '@loro/contracts/storage-targets';
import { webhooksApi } from '@loro/contracts/webhooks';
import { testHub } from '../server/testing/test-hub';
import { isTooWide, PAGES, signIn, TestBrowser } from './browser/browser';

const hub = testHub({ pages: PAGES });
const browser = new TestBrowser();
jest.setTimeout(60_000);
beforeAll(() => browser.start());
afterAll(() => browser.stop());
afterEach(() => browser.closeAll());

const phone = { viewport: { width: 390, height: 800 } };

describe('what the organisation connected', () => {
  it('is a service that is connected, changed, switched off and disconnected, on a phone', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { page } = await browser.visit(`${hub.url}/integrations`, phone);
    await signIn(page, admin);
    await page.getByText('Nothing is connected').waitFor();
    await page.getByRole('button', { name: 'Connect a service' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Our SMS');
    await dialog.getByLabel('Kind').selectOption({ label: 'Text messages' });
    await dialog.getByLabel('Address').fill('https://sms.example.com/send');
    await dialog.getByLabel('Secret (optional)').fill('a-secret-of-1234');
    await dialog.getByRole('button', { name: 'Connect it' }).press('Enter');
    await page.getByText(/secret ends in 1234/).waitFor();
    expect(await isTooWide(page)).toBe(false);

    await page.getByRole('button', { name: 'Switch Our SMS off' }).press('Enter');
    await page.getByRole('button', { name: 'Switch Our SMS on' }).waitFor();
    await page.getByRole('button', { name: 'New secret for Our SMS' }).press('Enter');
    await page.getByRole('dialog').getByLabel('New secret', { exact: true }).fill('another-9876');
    await page.getByRole('dialog').getByRole('button', { name: 'Set it' }).press('Enter');
    await page.getByText(/secret ends in 9876/).waitFor();

    await page.getByRole('button', { name: 'Disconnect Our SMS' }).press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Disconnect it' }).press('Enter');
    await page.getByText('Nothing is connected').waitFor();
    expect((await hub.api(integrationsApi, admin).list({})).data).toEqual([]);
  });

  it('is an address that hears of events, whose secret is shown once', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { page, trouble } = await browser.visit(`${hub.url}/integrations/webhooks`);
    await signIn(page, admin);
    await page.getByRole('button', { name: 'Add a webhook' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Add a webhook' });
    await dialog.getByLabel('Name').fill('Payroll');
    await dialog.getByLabel('Address').fill('https://payroll.example.com/hook');
    await dialog.getByLabel('Events').fill('check-in:invented');
    await dialog.getByRole('button', { name: 'Add it' }).press('Enter');
    await dialog.locator('.field-error').waitFor();
    await dialog.getByLabel('Events').fill('check-in:started');
    await dialog.getByRole('button', { name: 'Add it' }).press('Enter');
    const once = page.getByRole('dialog', { name: 'The secret, once' });
    expect((await once.locator('.secret').innerText()).length).toBeGreaterThan(20);
    await once.getByRole('button', { name: 'Cancel' }).press('Enter');

    await page.getByRole('button', { name: 'What was sent to Payroll' }).press('Enter');
    await page.getByText('Nothing was sent').waitFor();
    await page.getByRole('button', { name: 'Switch Payroll off' }).press('Enter');
    await page.getByRole('button', { name: 'Switch Payroll on' }).waitFor();
    const [webhook] = (await hub.api(webhooksApi, admin).list({})).data;
    expect(webhook).toMatchObject({ isEnabled: false, events: ['check-in:started'] });
    expect(trouble.splice(0)).toEqual([expect.stringContaining('422')]);
  });

  it('is a place for files that is tried before files go there', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { page } = await browser.visit(`${hub.url}/integrations/storage`);
    await signIn(page, admin);
    await page.getByRole('button', { name: 'Add a place' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Own disk');
    await dialog.getByLabel('Folder (optional)').fill('ours');
    await dialog.getByRole('button', { name: 'Save it' }).press('Enter');
    await page.getByRole('button', { name: 'Try Own disk' }).press('Enter');
    await page.getByText('Own disk keeps files').waitFor();

    await page.getByText('Answers', { exact: true }).waitFor();
    const [target] = (await hub.api(storageTargetsApi, admin).list({})).data;
    expect(target).toMatchObject({ name: 'Own disk', state: 'ok', place: { driver: 'local', prefix: 'ours' } });
  });

  it('is nobody’s business who may not keep it', async () => {
    const { page } = await browser.visit(`${hub.url}/integrations`);
    await signIn(page, await hub.person({ role: 'manager' }));
    await page.getByText('There is nothing here for your role').waitFor();
    expect(await page.getByRole('button', { name: /Connect|Add/ }).count()).toBe(0);
  });
});
