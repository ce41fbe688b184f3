import { journalApi } from '@loro/contracts/journal';
import { peopleApi } from '@loro/contracts/people';
import { testHub } from '../server/testing/test-hub';
import { hostJobs } from '../workers/host';
import { isTooWide, PAGES, signIn, TestBrowser } from './browser/browser';

const hub = testHub({ pages: PAGES });
const browser = new TestBrowser();
jest.setTimeout(60_000);
beforeAll(() => browser.start());
afterAll(() => browser.stop());
afterEach(() => browser.closeAll());

let isHosted = false;

/** Begins to work off jobs, as a worker does; no test has one before it asks. */
function startWorker(): void {
  if (!isHosted) hostJobs(hub.hub);
  isHosted = true;
}

describe('the journal', () => {
  it('shows what somebody did to whom, field by field, and what was erased', async () => {
    const admin = await hub.person({ role: 'admin' });
    const colleague = await hub.person({ beside: admin });
    const rename = { userId: colleague.userId, name: 'Thandi Nkosi', jobTitle: 'Driver' };
    await hub.api(peopleApi, admin).update(rename, { headers: { 'if-match': '1' } });
    const { page } = await browser.visit(`${hub.url}/journal`, { viewport: { width: 360, height: 740 } });
    await signIn(page, admin);
    await page.getByRole('link', { name: /user: updated/ }).press('Enter');

    const changes = page.getByRole('listitem').filter({ hasText: 'jobTitle' });
    await changes.getByText('Driver').waitFor();
    await page.getByText('Thandi Nkosi').waitFor();
    expect(await isTooWide(page)).toBe(false);

    await hub.api(journalApi, admin).erase({ subject: { type: 'user', id: colleague.userId } });
    await page.reload();
    await page.getByText('[erased]').first().waitFor();
    await changes.getByText('Driver').waitFor();
    expect(await page.getByText('Thandi Nkosi').count()).toBe(0);

    await page.getByRole('button', { name: 'Everything about this thing' }).press('Enter');
    await page.getByRole('heading', { name: 'Entries' }).waitFor();
    expect(await page.getByLabel('Id of the thing').inputValue()).toBe(colleague.userId);
    expect(await isTooWide(page)).toBe(false);
  });

  it('is searched by type, by person and by time', async () => {
    const admin = await hub.person({ role: 'admin' });
    const other = await hub.person({ role: 'admin', beside: admin });
    const colleague = await hub.person({ beside: admin });
    await hub.api(peopleApi, other).suspend({ userId: colleague.userId });
    await hub.api(journalApi, admin).writeNote({ title: 'Keys', text: 'The keys were counted.' });
    const { page } = await browser.visit(`${hub.url}/journal`);
    await signIn(page, admin);
    const note = page.getByRole('link', { name: /note/ });
    const suspended = page.getByRole('link', { name: /user: suspended/ });
    await note.waitFor();
    await suspended.waitFor();

    await page.getByLabel('Type').selectOption({ label: 'Security' });
    await note.waitFor({ state: 'detached' });
    await suspended.waitFor();
    await page.getByLabel('Type').selectOption({ label: 'Everything' });
    await note.waitFor();

    await page.getByLabel('Done by').fill(other.name);
    await note.waitFor({ state: 'detached' });
    await suspended.waitFor();
    await page.getByLabel('Through').fill('2020-01-01');
    await suspended.waitFor({ state: 'detached' });
    expect(await page.locator('.row-list > li').count()).toBe(0);
  });

  it('is checked while one looks, and its end is kept with its signature', async () => {
    startWorker();
    const admin = await hub.person({ role: 'admin' });
    await hub.api(journalApi, admin).writeNote({ title: 'Keys', text: 'The keys were counted.' });
    const { page } = await browser.visit(`${hub.url}/journal/proof`);
    await signIn(page, admin);
    await page.getByText('Never checked').waitFor();
    await page.getByRole('button', { name: 'Check it now' }).press('Enter');
    await page.getByText('unbroken').waitFor();
    await page.getByText(/by Person/).waitFor();

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Keep it' }).press('Enter'),
    ]);
    expect(download.suggestedFilename()).toMatch(/^journal-\d+\.json$/);
  });

  it('is closed to who may not read it', async () => {
    const { page } = await browser.visit(`${hub.url}/journal`);
    await signIn(page, await hub.person());
    await page.getByText('There is nothing here for your role').waitFor();
    expect(await page.getByRole('heading', { name: 'Journal' }).count()).toBe(0);
  });
});
