import { peopleApi } from '@loro/contracts/people';
import { testHub } from '../server/testing/test-hub';
import { isTooWide, PAGES, signIn, TestBrowser } from './browser/browser';

const hub = testHub({ pages: PAGES });
const browser = new TestBrowser();
jest.setTimeout(60_000);
beforeAll(() => browser.start());
afterAll(() => browser.stop());
afterEach(() => browser.closeAll());

describe('a team', () => {
  it('is made, gets people and loses them, and is removed, without a mouse, on a phone', async () => {
    const admin = await hub.person({ role: 'admin' });
    const colleague = await hub.person({ beside: admin });
    const { page } = await browser.visit(`${hub.url}/teams`, { viewport: { width: 390, height: 800 } });
    await signIn(page, admin);
    await page.getByText('No teams yet').waitFor();
    await page.getByRole('button', { name: 'Make a team' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name of the team').fill('Night shift');
    await dialog.getByLabel('Lead').fill(admin.name);
    await dialog.locator('datalist option').first().waitFor({ state: 'attached' });
    await dialog.getByRole('button', { name: 'Make it' }).press('Enter');
    await page.getByRole('heading', { name: 'Night shift' }).waitFor();
    expect(await isTooWide(page)).toBe(false);

    const field = page.getByLabel('Add somebody');
    await field.fill(colleague.name);
    const add = page.getByRole('button', { name: 'Add', exact: true });
    await page.locator('.paged-tools datalist option').first().waitFor({ state: 'attached' });
    await add.press('Enter');
    await page.getByRole('link', { name: colleague.name }).waitFor();
    const people = hub.api(peopleApi, admin);
    const [team] = (await people.teams({})).data;
    const members = async () => (await people.members({ teamId: team?.id ?? '' })).members.map(({ userId }) => userId);
    expect(await members()).toContain(colleague.userId);

    await page.getByRole('button', { name: `Take ${colleague.name} out of the team` }).press('Enter');
    await page.getByRole('link', { name: colleague.name }).waitFor({ state: 'detached' });
    expect(await members()).not.toContain(colleague.userId);

    await page.getByRole('button', { name: 'Remove', exact: true }).press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Remove it' }).press('Enter');
    await page.getByText('No teams yet').waitFor();
  });

  it('is shown as soon as somebody else makes it, without a way to change it to who may only look', async () => {
    const admin = await hub.person({ role: 'admin' });
    const colleague = await hub.person({ beside: admin });
    const { page } = await browser.visit(`${hub.url}/teams`);
    await signIn(page, colleague);
    await page.getByText('No teams yet').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();

    await hub.api(peopleApi, admin).createTeam({ name: 'Field', branchId: admin.branchId, leadId: admin.userId });

    await page.getByRole('link', { name: /Field/ }).press('Enter');
    await page.getByRole('heading', { name: 'Field' }).waitFor();
    expect(await page.getByRole('button', { name: /Make a team|Change|Remove|Add/ }).count()).toBe(0);
  });
});
