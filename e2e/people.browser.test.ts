import { accessApi } from '@loro/contracts/access';
import { peopleApi } from '@loro/contracts/people';
import { testHub } from '../server/testing/test-hub';
import { isTooWide, PAGES, signIn, TestBrowser } from './browser/browser';

const hub = testHub({ pages: PAGES });
const browser = new TestBrowser();
jest.setTimeout(60_000);
beforeAll(() => browser.start());
afterAll(() => browser.stop());
afterEach(() => browser.closeAll());

describe('the people of an organisation', () => {
  it('are invited, given a role, kept out and let in again without a mouse, on a phone', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { page } = await browser.visit(`${hub.url}/check-ins`, { viewport: { width: 360, height: 740 } });
    await signIn(page, admin);
    await page.getByRole('button', { name: 'Organisation' }).press('Enter');
    await page.getByRole('link', { name: 'People' }).press('Enter');
    await page.getByRole('heading', { name: 'People' }).waitFor();
    expect(await isTooWide(page)).toBe(false);

    await page.getByRole('button', { name: 'Invite somebody' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Invite somebody' });
    await dialog.getByLabel('Name').fill('Naledi Mokoena');
    await dialog.getByLabel('E-mail of the person').fill(admin.email);
    await dialog.getByRole('checkbox', { name: 'Manager' }).press('Space');
    await dialog.getByLabel('E-mail of the person').fill(`naledi-${admin.userId.toLowerCase()}@example.test`);
    await dialog.getByRole('button', { name: 'Send the invitation' }).press('Enter');
    await page.getByRole('heading', { name: 'Naledi Mokoena' }).waitFor();
    expect(await isTooWide(page)).toBe(false);
    await page.getByRole('button', { name: 'Send the invitation again' }).waitFor();

    await page.getByRole('button', { name: 'Give a role' }).press('Enter');
    await page.getByLabel('Role', { exact: true }).selectOption({ label: 'Auditor' });
    await page.getByRole('button', { name: 'Give it' }).press('Enter');
    await page.getByRole('button', { name: 'Take Auditor away' }).press('Enter');
    await page.getByRole('button', { name: 'Take Auditor away' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Take Manager away' }).waitFor();

    await page.getByRole('button', { name: 'Deactivate' }).press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).press('Enter');
    await page.getByRole('button', { name: 'Let in again' }).press('Enter');
    await page.getByRole('button', { name: 'Send the invitation again' }).waitFor();
    const { data } = await hub.api(peopleApi, admin).list({ q: 'Naledi' });
    expect(data).toEqual([expect.objectContaining({ name: 'Naledi Mokoena', status: 'invited' })]);
  });

  it('change before the eyes of whoever looks at them', async () => {
    const admin = await hub.person({ role: 'admin' });
    const colleague = await hub.person({ beside: admin });
    const { page } = await browser.visit(`${hub.url}/people/${colleague.userId}`);
    await signIn(page, admin);
    await page.getByRole('button', { name: 'Suspend' }).waitFor();
    const row = page.getByRole('link', { name: colleague.name });
    expect(await row.innerText()).toContain('Active');
    await page.getByText('Live', { exact: true }).waitFor();

    await hub.api(peopleApi, admin).suspend({ userId: colleague.userId });

    await page.getByRole('button', { name: 'Let in again' }).waitFor();
    await row.filter({ hasText: 'Suspended' }).waitFor();
  });

  it('are found by a part of the name, a page at a time', async () => {
    const admin = await hub.person({ role: 'admin' });
    for (let count = 0; count < 26; count++) await hub.person({ beside: admin });
    const { page } = await browser.visit(`${hub.url}/people`);
    await signIn(page, admin);
    const rows = page.locator('.row-list > li');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(25);
    await page.getByRole('button', { name: 'Next' }).press('Enter');
    await page.getByText('Page 2').waitFor();

    await page.getByLabel('Search').fill(admin.name);
    await page.getByRole('link', { name: admin.name }).waitFor();
    await rows.nth(1).waitFor({ state: 'detached' });
  });

  it('offers nobody what he may not do, and shows it the moment he may', async () => {
    const admin = await hub.person({ role: 'admin' });
    const colleague = await hub.person({ beside: admin });
    const { page } = await browser.visit(`${hub.url}/people/${admin.userId}`);
    await signIn(page, colleague);
    await page.getByRole('heading', { name: admin.name }).waitFor();
    expect(await page.getByRole('button', { name: /Invite|Suspend|Deactivate|Give a role/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Organisation' }).press('Enter');
    expect(await page.getByRole('link', { name: 'Journal' }).count()).toBe(0);
    await page.getByText('Live', { exact: true }).waitFor();

    await hub.api(accessApi, admin).grantRole({ userId: colleague.userId, role: 'hr' });

    await page.getByRole('button', { name: 'Invite somebody' }).waitFor();
  });

  it('are changed by who may, and change of themselves what the rules leave to them', async () => {
    const admin = await hub.person({ role: 'admin' });
    const colleague = await hub.person({ beside: admin });
    const { page } = await browser.visit(`${hub.url}/people/${colleague.userId}`);
    await signIn(page, admin);
    await page.getByRole('button', { name: 'Change the profile' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Job', { exact: true }).fill('Fitter');
    await dialog.getByLabel('Employee number').fill('E-77');
    await dialog.getByRole('button', { name: 'Save it' }).press('Enter');
    await page.getByText('E-77').waitFor();

    const own = await browser.visit(`${hub.url}/account`, { viewport: { width: 390, height: 800 } });
    await signIn(own.page, colleague);
    await own.page.getByRole('button', { name: 'Change', exact: true }).press('Enter');
    const form = own.page.getByRole('dialog', { name: 'Your profile' });
    await form.getByLabel('Phone', { exact: true }).fill('+27821234567');
    expect(await form.getByLabel('Employee number').count()).toBe(0);
    expect(await isTooWide(own.page)).toBe(false);
    await form.getByRole('button', { name: 'Save it' }).press('Enter');
    await own.page.getByText('Saved').waitFor();
    const seen = await hub.api(peopleApi, admin).get({ userId: colleague.userId });
    expect(seen).toMatchObject({ phone: '+27821234567', jobTitle: 'Fitter', employeeNo: 'E-77' });
  });

  it('come out of a file that is looked at first, with what is wrong by line', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { page } = await browser.visit(`${hub.url}/people/import`, { viewport: { width: 390, height: 800 } });
    await signIn(page, admin);
    const of = (name: string) => `${name}-${admin.userId.toLowerCase()}@example.test`;
    const lines = ['email,name,startedOn', `${of('one')},One Person,2026-01-01`, `${of('two')},Two People,yesterday`];
    const file = { name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(lines.join('\n')) };
    await page.getByLabel('CSV file').setInputFiles(file);
    await page.getByRole('button', { name: 'Look at it' }).press('Enter');
    const wrong = page.getByRole('group', { name: 'What is wrong, by line' });
    await wrong.getByRole('row').filter({ hasText: 'startedOn' }).getByText('3', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Take these people' }).count()).toBe(0);
    expect(await isTooWide(page)).toBe(false);

    await page.getByLabel('Take the good lines and leave the bad ones').press('Space');
    await page.getByRole('button', { name: 'Look at it' }).press('Enter');
    await page.getByRole('button', { name: 'Take these people' }).press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Take them' }).press('Enter');

    await page.getByRole('heading', { name: 'What it brought' }).waitFor();
    const { data } = await hub.api(peopleApi, admin).list({ q: 'One Person' });
    expect(data).toMatchObject([{ name: 'One Person', status: 'invited' }]);
  });
});
