import { leaveApi } from '@loro/contracts/leave';
import { LeaveOffice } from '../server/testing/leave-office';
import { testHub } from '../server/testing/test-hub';
import { isTooWide, PAGES, signIn, TestBrowser } from './browser/browser';

const hub = testHub({ pages: PAGES });
const browser = new TestBrowser();
jest.setTimeout(90_000);
beforeAll(() => browser.start());
afterAll(() => browser.stop());
afterEach(() => browser.closeAll());

/** The first Monday of a month that is not over. */
function monday(): string {
  const at = new Date(Date.now() + 20 * 86_400_000);
  at.setUTCDate(at.getUTCDate() + ((8 - at.getUTCDay()) % 7));
  return at.toISOString().slice(0, 10);
}

describe('leave', () => {
  it('is asked for by one, approved by the manager, and stands in the calendar, on a phone', async () => {
    const office = await LeaveOffice.open(hub);
    const worker = await office.person('2024-01-01');
    const type = await office.type('annual', { annualMilliDays: 20_000 });
    await office.give(worker, type, 10_000);
    const day = monday();
    const own = await browser.visit(`${hub.url}/leave`, { viewport: { width: 390, height: 800 } });
    await signIn(own.page, worker);
    await own.page.getByRole('button', { name: 'Ask for leave' }).press('Enter');
    const dialog = own.page.getByRole('dialog');
    await dialog.getByText('10 days left today').waitFor();
    await dialog.getByLabel('From').fill(day);
    await dialog.getByLabel('To').fill(day);
    await dialog.getByLabel('Why (optional)').fill('A wedding');
    expect(await isTooWide(own.page)).toBe(false);
    await dialog.getByRole('button', { name: 'Ask for it' }).press('Enter');
    await own.page.getByText('It waits for a decision').waitFor();

    const { page } = await browser.visit(`${hub.url}/leave/requests`);
    await signIn(page, office.manager);
    await page.getByRole('button', { name: new RegExp(worker.name) }).press('Enter');
    await page.getByText('A wedding').waitFor();
    await page.getByRole('button', { name: 'Approve', exact: true }).press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).press('Enter');
    await page.getByRole('button', { name: 'Give it back' }).waitFor();

    await own.page.goto(`${hub.url}/leave/calendar?month=${day.slice(0, 7)}`);
    await own.page.getByRole('button', { name: new RegExp(`${worker.name}, away`) }).waitFor();
    expect(await isTooWide(own.page)).toBe(false);
    const { data } = await hub.api(leaveApi, office.manager).requests({ userId: worker.userId });
    expect(data).toMatchObject([{ state: 'approved', from: day, to: day, milliDays: 1000 }]);
  });

  it('is refused with a reason that the person reads', async () => {
    const office = await LeaveOffice.open(hub);
    const worker = await office.person('2024-01-01');
    const type = await office.type('study', { needsBalance: false });
    await office.ask(worker, type, monday());
    const { page } = await browser.visit(`${hub.url}/leave/requests`);
    await signIn(page, office.manager);
    await page.getByRole('button', { name: new RegExp(worker.name) }).press('Enter');
    await page.getByRole('button', { name: 'Refuse', exact: true }).press('Enter');
    await page.getByRole('dialog').getByLabel('Why').fill('The stocktaking is that day');
    await page.getByRole('dialog').getByRole('button', { name: 'Refuse' }).press('Enter');
    await page.getByText('The stocktaking is that day').waitFor();
    const { data } = await hub.api(leaveApi, worker).requests({});
    expect(data).toMatchObject([{ state: 'rejected', note: 'The stocktaking is that day' }]);
  });

  it('is counted by kind, with everything that moved it', async () => {
    const office = await LeaveOffice.open(hub);
    const worker = await office.person('2024-01-01');
    const type = await office.type('annual');
    await office.give(worker, type, 2_500);
    const { page } = await browser.visit(`${hub.url}/leave/balances`);
    await signIn(page, worker);
    await page.getByRole('listitem').filter({ hasText: 'annual' }).getByText('2.5 days', { exact: true }).waitFor();
    await page.getByText('+2.5 days').waitFor();
    expect((await office.balance(worker, type)).available).toBe(2_500);
  });
});
