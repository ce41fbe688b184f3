import { type PackedFix, trackingLive } from '@loro/contracts/tracking';
import { ulid } from 'ulid';
import { type Person, testHub } from '../server/testing/test-hub';
import { PAGES, signIn, TestBrowser } from './browser/browser';

const hub = testHub({ pages: PAGES });
const browser = new TestBrowser();
jest.setTimeout(180_000);
beforeAll(() => browser.start());
afterAll(() => browser.stop());
afterEach(() => browser.closeAll());

const CROWD = 2_000;
const PARTS = 10;
const middle = { lat: -26.2041, lng: 28.0473 };

/** So many vehicles of a branch, around its middle; each drives in a circle of its own. */
class Crowd {
  private readonly startedMs = Date.now();
  private timer: NodeJS.Timeout | undefined;
  private part = 0;

  constructor(private readonly of: Person) {}

  async make(): Promise<void> {
    const rows = Array.from({ length: CROWD }, (_, at) => {
      const id = ulid();
      const name = `Vehicle ${String(at + 1).padStart(4, '0')}`;
      return [this.of.orgId, id, at + 1, 'vehicle', id, name, this.of.branchId, new Date()];
    });
    await hub.sql('INSERT INTO trackables (org_id, id, live_key, kind, ref_id, name, branch_id, created_at) VALUES ?', [
      rows,
    ]);
  }

  /** A tenth of them with every tick, so that each is heard once a second. */
  drive(): void {
    this.timer = setInterval(() => {
      this.part = (this.part + 1) % PARTS;
      const { orgId, branchId } = this.of;
      const fixes = Array.from({ length: CROWD / PARTS }, (_, at) => this.fixOf(at * PARTS + this.part));
      hub.hub.emitLatest(trackingLive, 'fixes:moved', { orgId, id: branchId }, { at: new Date().toISOString(), fixes });
    }, 100);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private fixOf(at: number): PackedFix {
    const turn = (Date.now() - this.startedMs) / 20_000 + at;
    const lat = middle.lat + ((at % 50) - 25) * 0.006 + Math.sin(turn) * 0.002;
    const lng = middle.lng + (Math.floor(at / 50) - 20) * 0.008 + Math.cos(turn) * 0.002;
    return [at + 1, 0, Math.round(lat * 1e7), Math.round(lng * 1e7), 5, 1_200, Math.round(turn * 57) % 360];
  }
}

describe('a crowd of two thousand that moves', () => {
  it('is on the map and in the list, and anybody of it is found', async () => {
    const manager = await hub.person({ role: 'manager' });
    const crowd = new Crowd(manager);
    await crowd.make();
    const { page } = await browser.visit(`${hub.url}/map`, { reducedMotion: 'no-preference' });
    await signIn(page, manager);
    await page.getByText(`Show more: ${CROWD - 100} left`).waitFor();
    crowd.drive();
    try {
      await page.getByRole('option').filter({ hasText: 'Moving' }).nth(90).waitFor();
      await page.getByRole('button', { name: 'Show everybody' }).press('Enter');
      // How smoothly a machine draws is its own affair; `LORO_FPS=1` tells of this one.
      if (process.env['LORO_FPS'] !== undefined) {
        for (const zooms of [0, 3, 2]) {
          for (let zoom = 0; zoom < zooms; zoom++) await page.getByRole('button', { name: 'Zoom in' }).press('Enter');
          await page.waitForTimeout(3_000);
          process.stderr.write(`${JSON.stringify(await framesOf(page, 8_000))}\n`);
        }
        await page.screenshot({ path: '/tmp/shots/crowd.png' });
      }
      const search = page.getByRole('combobox', { name: 'Find a person' });
      await search.fill('Vehicle 1777');
      await search.press('Enter');
      await page.getByRole('heading', { name: 'Vehicle 1777' }).waitFor();
      expect(await page.getByRole('option').count()).toBe(1);
    } finally {
      crowd.stop();
    }
  });
});

type Page = Awaited<ReturnType<TestBrowser['visit']>>['page'];

/** Frames a second of a page, and the longest pause between two. */
const framesOf = (page: Page, forMs: number): Promise<{ fps: number; longestMs: number }> =>
  page.evaluate(
    (lasts) =>
      new Promise((resolve) => {
        const beganMs = performance.now();
        let [frames, lastMs, longestMs] = [0, beganMs, 0];
        requestAnimationFrame(function count(nowMs) {
          frames += 1;
          longestMs = Math.max(longestMs, nowMs - lastMs);
          lastMs = nowMs;
          if (nowMs - beganMs < lasts) requestAnimationFrame(count);
          else
            resolve({ fps: Math.round((frames * 10_000) / (nowMs - beganMs)) / 10, longestMs: Math.round(longestMs) });
        });
      }),
    forMs,
  );
