import path from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** Where `vite build` leaves the dashboard. */
export const PAGES = path.join(__dirname, '../../dashboard/dist/app');

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // The map needs WebGL, and the machines of tests have no graphics card.
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];

type ContextOptions = Parameters<Browser['newContext']>[0];

/** A visitor: a window of their own, without memory of earlier ones, and everything that went wrong in it. */
export interface Visitor {
  readonly page: Page;
  /** Errors of the console, uncaught ones, and requests to anybody but the hub. */
  readonly trouble: string[];
}

/** A real Chromium for one test file. */
export class TestBrowser {
  private browser: Browser | undefined;
  private readonly open: { context: BrowserContext; visitor: Visitor }[] = [];

  async start(): Promise<void> {
    const executablePath = process.env['LORO_CHROMIUM'];
    if (executablePath === undefined) throw new Error('LORO_CHROMIUM names no browser; run this by `npm test`');
    this.browser = await chromium.launch({ executablePath, args: FLAGS });
  }

  async stop(): Promise<void> {
    await this.browser?.close();
  }

  async visit(url: string, options: ContextOptions = {}): Promise<Visitor> {
    if (!this.browser) throw new Error('the browser was not started');
    const context = await this.browser.newContext({
      locale: 'en-GB',
      timezoneId: 'Africa/Johannesburg',
      viewport: { width: 1280, height: 800 },
      // Gliding markers would keep a machine without a graphics card busy with nothing else.
      reducedMotion: 'reduce',
      ...options,
    });
    const page = await context.newPage();
    const visitor = { page, trouble: watch(page, url) };
    this.open.push({ context, visitor });
    await page.goto(url);
    return visitor;
  }

  /**
   * Closes the windows of a test.
   *
   * @throws where a page complained: one that works and complains meanwhile does not work
   */
  async closeAll(): Promise<void> {
    const trouble: string[] = [];
    for (const { context, visitor } of this.open.splice(0)) {
      await context.close();
      trouble.push(...visitor.trouble);
    }
    if (trouble.length > 0) throw new Error(`the pages complained:\n${trouble.join('\n')}`);
  }
}

function watch(page: Page, url: string): string[] {
  const trouble: string[] = [];
  const { host } = new URL(url);
  const foreign = (address: string) => {
    const { protocol, host: asked } = new URL(address);
    const isOwn = asked === host || protocol === 'blob:' || protocol === 'data:';
    if (!isOwn) trouble.push(`asked a foreign origin: ${address}`);
  };
  page.on('request', (request) => foreign(request.url()));
  page.on('websocket', (socket) => foreign(socket.url()));
  page.on('pageerror', (error) => trouble.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') trouble.push(`console: ${message.text()}`);
  });
  return trouble;
}

/** Signs in as a person would who has no mouse. */
export async function signIn(page: Page, { email, password }: { email: string; password: string }): Promise<void> {
  await page.getByLabel('E-mail').waitFor();
  // The first stop of the page is the first field.
  await page.keyboard.press('Tab');
  await page.keyboard.type(email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
}

/** Whether a page is wider than its window. */
export const isTooWide = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
