import { branchesApi } from '@loro/contracts/branches';
import { testHub } from '../server/testing/test-hub';
import { isTooWide, PAGES, signIn, TestBrowser } from './browser/browser';

const hub = testHub({ pages: PAGES });
const browser = new TestBrowser();
jest.setTimeout(90_000);
beforeAll(() => browser.start());
afterAll(() => browser.stop());
afterEach(() => browser.closeAll());

const fence = { center: { lat: -26.2041, lng: 28.0473 }, radiusM: 200 };

describe('the branches', () => {
  it('are opened below each other and found in their tree, without a mouse, on a phone', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { page } = await browser.visit(`${hub.url}/branches`, { viewport: { width: 390, height: 800 } });
    await signIn(page, admin);
    await page.getByRole('button', { name: 'Open a branch' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Open a branch' });
    await dialog.getByLabel('Name', { exact: true }).fill('Rosebank');
    await dialog.getByLabel('Code', { exact: true }).fill('RB-1');
    await dialog.getByLabel('Kind').selectOption({ label: 'Store' });
    expect(await isTooWide(page)).toBe(false);
    await dialog.getByRole('button', { name: 'Open it' }).press('Enter');
    await page.getByRole('heading', { name: 'Rosebank' }).waitFor();
    expect(await isTooWide(page)).toBe(false);

    await page.getByRole('link', { name: 'All branches' }).press('Enter');
    await page.getByLabel('Search').fill('rosebank');
    await page.getByRole('link', { name: /Rosebank/ }).waitFor();
    expect(await page.locator('.row-list > li').count()).toBe(1);
    const { nodes } = await hub.api(branchesApi, admin).tree();
    expect(nodes.find(({ code }) => code === 'RB-1')).toMatchObject({ parentId: admin.branchId, kind: 'store' });
  });

  it('get their place and their fence on the map, by the arrow keys too', async () => {
    const admin = await hub.person({ role: 'admin' });
    const branchId = await hub.branch(admin.orgId, { ...fence.center, radiusM: fence.radiusM });
    const { page } = await browser.visit(`${hub.url}/branches/${branchId}`);
    await signIn(page, admin);
    await page.getByRole('button', { name: 'Change on the map' }).press('Enter');
    const border = page.getByRole('button', { name: 'Border of the fence' });
    await border.waitFor();
    const radius = page.getByLabel('Radius in metres');
    expect(await radius.inputValue()).toBe('200');
    await border.press('ArrowRight');
    await border.press('ArrowRight');
    const wider = Number(await radius.inputValue());
    expect(wider).toBeGreaterThan(200);

    await page.getByText('Corners', { exact: true }).click();
    const corners = page.getByRole('button', { name: /^Corner \d+ of the fence$/ });
    await corners.nth(5).waitFor();
    expect(await corners.count()).toBe(6);
    await page.getByRole('button', { name: 'Add a corner after corner 1' }).press('Enter');
    await corners.nth(6).waitFor();
    await corners.nth(3).press('Delete');
    await corners.nth(6).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Save it' }).press('Enter');
    await page.getByText('6 corners', { exact: true }).waitFor();
    const saved = await hub.api(branchesApi, admin).get({ branchId });
    expect(saved.fence && 'corners' in saved.fence && saved.fence.corners).toHaveLength(6);
    expect(saved.position).toMatchObject({ lat: fence.center.lat });
  });

  it('ask before they move far', async () => {
    const admin = await hub.person({ role: 'admin' });
    const branchId = await hub.branch(admin.orgId, { ...fence.center, radiusM: fence.radiusM });
    const { page, trouble } = await browser.visit(`${hub.url}/branches/${branchId}`);
    await signIn(page, admin);
    await page.getByRole('button', { name: 'Change on the map' }).press('Enter');
    await page.getByLabel('Latitude', { exact: true }).fill('-26.5');
    await page.getByRole('button', { name: 'Save it' }).press('Enter');
    const sure = page.getByRole('dialog', { name: 'Is it really that far?' });
    await sure.getByText(/m away/).waitFor();
    expect((await hub.api(branchesApi, admin).get({ branchId })).position?.lat).toBe(fence.center.lat);

    await sure.getByRole('button', { name: 'Yes, move it' }).press('Enter');

    await page.getByText('-26.50000', { exact: false }).waitFor();
    expect((await hub.api(branchesApi, admin).get({ branchId })).position?.lat).toBe(-26.5);
    // Browsers write every refused request on the console; the first one was to be refused.
    expect(trouble.splice(0)).toEqual([expect.stringContaining('409')]);
  });

  it('say when they are open, by weekday and on dates that are different', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { branchId } = admin;
    const { page, trouble } = await browser.visit(`${hub.url}/branches/${branchId}?tab=hours`);
    await signIn(page, admin);
    const add = page.getByRole('button', { name: 'Add hours: Monday' });
    await add.press('Enter');
    await page.getByLabel('Monday opens').fill('08:30');
    await page.getByLabel('Monday closes').fill('17:00');
    await add.press('Enter');
    await page.getByLabel('Monday opens').nth(1).fill('16:00');
    await page.getByRole('button', { name: 'Set the hours' }).press('Enter');
    await page.locator('.field-error').waitFor();
    await page.getByRole('button', { name: 'Take these hours of Monday away' }).nth(1).press('Enter');
    await page.getByRole('button', { name: 'Set the hours' }).press('Enter');
    await page.getByText('The hours are set').waitFor();

    await page.getByRole('button', { name: 'Add a date' }).press('Enter');
    await page.getByLabel('Date', { exact: true }).fill('2027-12-16');
    await page.getByLabel('Why (optional)').fill('Day of Reconciliation');
    await page.getByRole('button', { name: 'Set it' }).press('Enter');
    await page.getByText('Day of Reconciliation').waitFor();
    const hours = await hub.api(branchesApi, admin).hours({ branchId });
    expect(hours.weekly).toEqual([{ weekday: 1, kind: 'public', opensAt: '08:30', closesAt: '17:00' }]);
    expect(hours.exceptions).toMatchObject([{ date: '2027-12-16', isClosed: true }]);
    expect(trouble.splice(0)).toEqual([expect.stringContaining('422')]);
  });

  it('take people in and let them go', async () => {
    const admin = await hub.person({ role: 'admin' });
    const colleague = await hub.person({ elsewhereIn: admin });
    const { branchId } = admin;
    const { page } = await browser.visit(`${hub.url}/branches/${branchId}?tab=people`);
    await signIn(page, admin);
    await page.getByRole('button', { name: 'Add somebody' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Who', { exact: true }).fill(colleague.name);
    await dialog.locator('datalist option').first().waitFor({ state: 'attached' });
    await dialog.getByLabel('What as (optional)').fill('relief');
    await dialog.getByRole('button', { name: 'Add' }).press('Enter');
    await page.getByText(/relief/).waitFor();

    await page.getByRole('button', { name: `End that ${colleague.name} belongs here` }).press('Enter');
    await page.getByRole('dialog').getByLabel('First day away (today if empty)').fill('2027-06-01');
    await page.getByRole('dialog').getByRole('button', { name: 'End it' }).press('Enter');

    await page.getByText(/to 1 Jun 2027/).waitFor();
    const { data } = await hub.api(branchesApi, admin).members({ branchId, history: 'true' });
    expect(data.find(({ userId }) => userId === colleague.userId)?.to).toBe('2027-06-01');
  });

  it('have settings and figures of their own', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { branchId } = admin;
    const today = hub.clock.now().toISOString().slice(0, 10);
    await hub
      .api(branchesApi, admin)
      .setMetrics({ branchId, metric: 'visits', days: [{ date: today, value: 12, target: 10 }] });
    const { page } = await browser.visit(`${hub.url}/branches/${branchId}?tab=settings`);
    await signIn(page, admin);
    await page.getByRole('button', { name: 'Change Confirm move m' }).press('Enter');
    await page.getByLabel('Value').fill('2500');
    await page.getByRole('button', { name: 'Set it' }).press('Enter');
    await page.getByRole('listitem').filter({ hasText: 'Confirm move m' }).getByText('2500').waitFor();

    await page.getByRole('group', { name: 'About the branch' }).getByText('Figures', { exact: true }).click();

    await page.getByText(/Visits: 12 in all, target reached on 1 of 1 days/).waitFor();
    await page.getByRole('heading', { name: 'The next 30 days' }).waitFor();
    const { data } = await hub.api(branchesApi, admin).settings({ branchId, limit: 200 });
    expect(data.find(({ key }) => key === 'branches.confirm-move-m')).toMatchObject({ value: 2_500, source: 'branch' });
  });

  it('offer nobody what he may not do', async () => {
    const staff = await hub.person();
    const { page } = await browser.visit(`${hub.url}/branches/${staff.branchId}?tab=hours`);
    await signIn(page, staff);
    await page.getByRole('heading', { name: 'Hours of the week' }).waitFor();
    expect(
      await page.getByRole('button', { name: /Open a branch|Add hours|Add a date|Close for good|Change/ }).count(),
    ).toBe(0);
  });
});
