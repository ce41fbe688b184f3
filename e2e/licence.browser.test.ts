import { licensingApi } from '@loro/contracts/licensing';
import { testHub } from '../server/testing/test-hub';
import type { Person } from '../server/testing/test-hub';
import { isTooWide, PAGES, signIn, TestBrowser } from './browser/browser';

const hub = testHub({ pages: PAGES });
const browser = new TestBrowser();
jest.setTimeout(60_000);
beforeAll(() => browser.start());
afterAll(() => browser.stop());
afterEach(() => browser.closeAll());

const DAY_MS = 86_400_000;

/** What whoever runs the hub does to somebody's licence. */
async function relicense({ orgId }: Person, change: { plan: string; endsInDays: number }): Promise<void> {
  const licensing = hub.api(licensingApi, await hub.person({ role: 'platform_admin' }));
  const [license] = (await licensing.licenses({ orgId })).data;
  if (!license) throw new Error('the organisation has no licence');
  const expiresAt = new Date(hub.clock.now().getTime() + change.endsInDays * DAY_MS).toISOString();
  await licensing.changeLicense(
    { orgId, licenseId: license.id, type: 'subscription', plan: change.plan, expiresAt, overage: 'none' },
    { headers: { 'if-match': String(license.version) } },
  );
}

/** As if that many days had gone by since; then the hub looks what became of it, as it does every minute. */
async function endedDaysAgo({ orgId }: Person, days: number): Promise<void> {
  const now = hub.clock.now();
  const end = new Date(now.getTime() - days * DAY_MS);
  const begin = new Date(end.getTime() - 30 * DAY_MS);
  await hub.sql('UPDATE licenses SET starts_at = ?, term_start = ?, expires_at = ?, look_at = ? WHERE org_id = ?', [
    begin,
    begin,
    end,
    now,
    orgId,
  ]);
  await hub.work('licensing.tick-states', { tick: now.toISOString() });
}

describe('the licence', () => {
  it('shows its plan and how full its limits are, and changes before one’s eyes', async () => {
    const owner = await hub.person({ role: 'owner' });
    const { page } = await browser.visit(`${hub.url}/licence`, { viewport: { width: 360, height: 740 } });
    await signIn(page, owner);
    await page.getByRole('heading', { name: 'Plan: Enterprise' }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await isTooWide(page)).toBe(false);

    await relicense(owner, { plan: 'starter', endsInDays: 200 });

    await page.getByRole('heading', { name: 'Plan: Starter' }).waitFor();
    const people = page.getByRole('progressbar', { name: 'Users' });
    await people.waitFor();
    expect(await people.getAttribute('aria-valuetext')).toBe('1 of 5');
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await isTooWide(page)).toBe(false);
  });

  it('warns in its days of grace, and after them', async () => {
    const owner = await hub.person({ role: 'owner' });
    await relicense(owner, { plan: 'business', endsInDays: 20 });
    await endedDaysAgo(owner, 1);
    const { page } = await browser.visit(`${hub.url}/licence`);
    await signIn(page, owner);
    await page.getByRole('alert').filter({ hasText: 'works on for a while' }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();

    await endedDaysAgo(owner, 90);

    await page.getByRole('alert').filter({ hasText: 'The licence ended' }).waitFor();
    expect(await page.getByText('Ended', { exact: true }).count()).toBe(1);
  });

  it('says what another plan costs and takes away before it is taken', async () => {
    const owner = await hub.person({ role: 'owner' });
    await hub.sql('UPDATE organisations SET owner_id = ? WHERE id = ?', [owner.userId, owner.orgId]);
    await relicense(owner, { plan: 'business', endsInDays: 20 });
    const { page } = await browser.visit(`${hub.url}/licence`);
    await signIn(page, owner);
    await page.getByRole('button', { name: 'What Professional would change' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'What Professional would change' });
    await dialog.getByText('It takes over when the term ends.').waitFor();
    await dialog.getByText('Custom roles').waitFor();

    await dialog.getByRole('button', { name: 'Take Professional' }).press('Enter');

    await page.getByText(/^professional, from/).waitFor();
    await page.getByRole('heading', { name: 'What was charged' }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });
});
