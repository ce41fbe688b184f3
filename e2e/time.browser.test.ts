import { attendanceApi } from '@loro/contracts/attendance';
import { Scene } from '../server/testing/attendance-scene';
import { testHub } from '../server/testing/test-hub';
import { isTooWide, PAGES, signIn, TestBrowser } from './browser/browser';

const hub = testHub({ pages: PAGES });
const scene = new Scene(hub);
const browser = new TestBrowser();
jest.setTimeout(90_000);
beforeAll(() => browser.start());
afterAll(() => browser.stop());
afterEach(() => browser.closeAll());

const yesterday = () => new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);

async function office() {
  const owner = await hub.person({ role: 'owner' });
  const worker = await scene.beside(owner, 'staff');
  const manager = await scene.beside(owner, 'manager');
  await scene.roster(owner, worker.userId);
  const date = yesterday();
  await scene.punch(owner, worker.userId, date, 'in 08:00', 'out 16:00');
  await scene.compute(worker, date);
  return { owner, worker, manager, date };
}

describe('the time sheet', () => {
  it('shows the week of a branch, and why a day is as it is', async () => {
    const { worker, manager, date } = await office();
    const { page } = await browser.visit(`${hub.url}/time?week=${date}`, { viewport: { width: 390, height: 800 } });
    await signIn(page, manager);
    const row = page.getByRole('row').filter({ hasText: worker.name });
    await row.getByRole('button', { name: /8:00/ }).press('Enter');
    await page.getByRole('heading', { name: 'How it came about' }).waitFor();
    await page.getByText(/08:00–16:00 counts/).waitFor();
    await page.getByText('Left early').waitFor();
    expect(await isTooWide(page)).toBe(false);
  });

  it('is corrected by one and decided by another', async () => {
    const { worker, manager, date } = await office();
    const own = await browser.visit(`${hub.url}/time?week=${date}`);
    await signIn(own.page, worker);
    await own.page.getByRole('button', { name: /8:00/ }).press('Enter');
    await own.page.getByRole('button', { name: 'Ask for a correction' }).press('Enter');
    const dialog = own.page.getByRole('dialog');
    await dialog.getByLabel('When of punch 2').fill(`${date}T17:00`);
    await dialog.getByLabel('Why').fill('The reader was broken');
    await dialog.getByRole('button', { name: 'Ask for it' }).press('Enter');
    await own.page.getByText('It waits for a decision').waitFor();

    const { page } = await browser.visit(`${hub.url}/time/corrections`);
    await signIn(page, manager);
    await page.getByRole('button', { name: /^Approve the correction/ }).press('Enter');
    await page.getByText('Nothing here').waitFor();

    await scene.compute(worker, date);
    const [day] = await scene.day(worker, worker.userId, date);
    expect(day).toMatchObject({ workedSec: 9 * 3600, earlySec: 0 });
  });

  it('is handed in, approved, locked, and opened again with a reason', async () => {
    const owner = await hub.person({ role: 'owner' });
    const { page } = await browser.visit(`${hub.url}/time/periods`, { viewport: { width: 390, height: 800 } });
    await signIn(page, owner);
    await page.getByRole('button', { name: 'Open a period' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('First day').fill('2026-01-01');
    await dialog.getByLabel('Last day').fill('2026-01-31');
    await dialog.getByRole('button', { name: 'Open it' }).press('Enter');
    await page.getByRole('button', { name: /^Hand in/ }).press('Enter');
    await page.getByRole('button', { name: /^Approve/ }).waitFor();
    expect(await isTooWide(page)).toBe(false);
    const { data } = await hub.api(attendanceApi, owner).periods({});
    expect(data).toMatchObject([{ from: '2026-01-01', to: '2026-02-01', state: 'submitted' }]);
  });
});
