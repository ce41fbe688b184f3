import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkInsApi } from '@loro/contracts/check-ins';
import { trackingApi } from '@loro/contracts/tracking';
import { buildSync } from 'esbuild';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { ulid } from 'ulid';
import { type Person, testHub } from '../../server/testing/test-hub';
import { within } from '../../server/testing/within';

jest.setTimeout(60_000);
const pages = mkdtempSync(join(tmpdir(), 'loro-page-'));
const hub = testHub({ pages });
let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  buildSync({
    entryPoints: [join(__dirname, 'page/page.ts')],
    bundle: true,
    outfile: join(pages, 'page.js'),
    conditions: ['source'],
    define: { 'process.env.NODE_ENV': '"development"' },
    logLevel: 'error',
  });
  writeFileSync(join(pages, 'index.html'), '<!doctype html><title>SDK</title><script defer src="/page.js"></script>');
  const executablePath = process.env['LORO_CHROMIUM'];
  if (executablePath === undefined) throw new Error('LORO_CHROMIUM names no browser; run this by `npm test`');
  browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox', '--disable-gpu'] });
});
afterAll(() => browser?.close());
beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
  await page.goto(hub.url);
});
afterEach(() => context.close());

const position = { lat: -26.2041, lng: 28.0473 };
const text = (id: string): Promise<string | null> => page.locator(`#${id}`).textContent();

const showBranch = ({ email, password, branchId }: Person) =>
  page.evaluate(
    async (who) => {
      const client = window.sdk.createLoroHub({ url: '/', cookie: true });
      await client.auth.signIn({ email: who.email, password: who.password });
      window.sdk.show(client, who.branchId);
    },
    { email, password, branchId },
  );

describe('rendering with React in strict mode, which mounts everything twice', () => {
  it('shows each event once, also after the page was left and entered again', async () => {
    const manager = await hub.person({ role: 'manager' });
    const api = hub.api(checkInsApi, await hub.person({ beside: manager }));
    const comeAndGo = async (note: string): Promise<void> => {
      const { id } = await api.start({ position, note });
      await api.end({ checkInId: id, position });
    };
    await showBranch(manager);
    await within(10_000, async () => expect(await text('stream')).toBe('ready'));

    await comeAndGo('one');
    await within(5_000, async () => expect(await text('heard')).toBe('one'));
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.getByRole('button', { name: 'Enter' }).click();
    await within(5_000, async () => expect(await text('stream')).toBe('ready'));
    await comeAndGo('two');

    await within(5_000, async () => expect(await text('heard')).toBe('two'));
  });

  it('shows who is where, and moves them', async () => {
    const manager = await hub.person({ role: 'manager' });
    const driver = await hub.person({ beside: manager });
    await showBranch(manager);
    await within(10_000, async () => expect(await text('fleet')).toBe('nobody'));

    const at = new Date().toISOString();
    await hub.api(trackingApi, driver).report({
      device: ulid(),
      boot: ulid(),
      fixes: [{ n: 1, at, lat: -26.5, lng: 28, accuracy: 5 }],
    });

    await within(5_000, async () => expect(await text('fleet')).toBe(`${driver.name} -26.5`));
  });

  it('shows how a call did', async () => {
    await showBranch(await hub.person({ role: 'manager' }));
    const button = page.getByRole('button', { name: 'Check in' });

    await button.click();
    await within(5_000, async () => expect(await text('heard')).toBe('mine'));
    await button.click();

    await within(5_000, async () => expect(await text('error')).toBe('CHECK_IN_OPEN'));
  });
});

describe('keeping things in the browser', () => {
  it('sends fixes of before a reload, of the same device and once', async () => {
    const { email, password, userId } = await hub.person();
    await page.evaluate(async () => {
      const client = window.sdk.createLoroHub({ url: '/' });
      const recorder = client.tracking.recorder({ storage: window.sdk.indexedDbFixes('fixes') });
      for (let second = 0; second < 20; second++) {
        const at = new Date(Date.UTC(2026, 4, 4, 8, 0, second)).toISOString();
        await recorder.report({ at, lat: 46, lng: 14, accuracy: 5 });
      }
      await client.close();
    });

    await page.reload();
    const pending = await page.evaluate(
      async (credentials) => {
        const client = window.sdk.createLoroHub({ url: '/' });
        await client.auth.signIn(credentials);
        const recorder = client.tracking.recorder({ storage: window.sdk.indexedDbFixes('fixes'), batch: 7 });
        await recorder.report({ at: new Date().toISOString(), lat: 46, lng: 14, accuracy: 5 });
        await recorder.flush();
        return recorder.pending;
      },
      { email, password },
    );

    expect(pending).toBe(0);
    const rows = await hub.sql<{ device: string; fixes: number }>(
      `SELECT f.device_id AS device, COUNT(*) AS fixes FROM fixes f JOIN trackables t ON t.id = f.trackable_id
       WHERE t.user_id = ? GROUP BY f.device_id`,
      [userId],
    );
    expect(rows.map(({ fixes }) => fixes)).toEqual([21]);
  });

  it('does after a reload what was asked for while it was offline', async () => {
    const { email, password, userId, token } = await hub.person();
    await page.evaluate(
      async (credentials) => {
        const storage = window.sdk.indexedDbStorage('values');
        const client = window.sdk.createLoroHub({ url: '/', cookie: true, storage });
        await client.auth.signIn(credentials);
        await client.outbox.send('checkIns', 'check-in:start', { position: { lat: 46, lng: 14 }, note: 'first' })
          .result;
        await client.close();
      },
      { email, password },
    );
    const { data } = await hub.api(checkInsApi, { token }).list({ userId });
    await hub.api(checkInsApi, { token }).end({ checkInId: data[0]?.id ?? '', position });

    await context.setOffline(true);
    await page.evaluate(async () => {
      const storage = window.sdk.indexedDbStorage('values');
      const client = window.sdk.createLoroHub({ url: '/', cookie: true, storage });
      await client.outbox.send('checkIns', 'check-in:start', { position: { lat: 46, lng: 14 }, note: 'second' }).kept;
      await client.close();
    });
    await context.setOffline(false);
    await page.reload();
    await page.evaluate(async () => {
      const storage = window.sdk.indexedDbStorage('values');
      const client = window.sdk.createLoroHub({ url: '/', cookie: true, storage });
      await client.auth.resume();
    });

    await within(10_000, async () => {
      const { data: after } = await hub.api(checkInsApi, { token }).list({ userId });
      expect(after.map(({ note }) => note)).toEqual(['second', 'first']);
    });
  });
});
