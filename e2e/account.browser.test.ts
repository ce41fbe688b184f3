import { TOTP } from 'otpauth';
import { testHub } from '../server/testing/test-hub';
import { within } from '../server/testing/within';
import { hostJobs } from '../workers/host';
import { isTooWide, PAGES, signIn, TestBrowser } from './browser/browser';

const hub = testHub({ pages: PAGES });
const browser = new TestBrowser();
jest.setTimeout(60_000);
beforeAll(() => browser.start());
afterAll(() => browser.stop());
afterEach(() => browser.closeAll());

/** What an authenticator app shows, `ahead` steps from now. */
const codeAt = (secret: string, ahead: number): string =>
  new TOTP({ secret: secret.replaceAll(/\s/g, '') }).generate({
    timestamp: hub.clock.now().getTime() + ahead * 30_000,
  });

describe('one’s own account', () => {
  it('gets a second step, which the next sign-in asks for', async () => {
    const person = await hub.person();
    const { page, trouble } = await browser.visit(`${hub.url}/account`, { viewport: { width: 360, height: 740 } });
    await signIn(page, person);
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    expect(await isTooWide(page)).toBe(false);

    await page.getByRole('button', { name: 'Set up an authenticator app' }).press('Enter');
    await page.getByRole('img', { name: 'Code for the authenticator app' }).waitFor();
    const secret = await page.locator('.account-qr code').innerText();
    await page.getByLabel('Code that it shows now').fill(codeAt(secret, -1));
    await page.getByLabel('The next one').fill(codeAt(secret, 0));
    await page.getByRole('button', { name: 'Turn it on' }).press('Enter');
    await page.getByText('Keep these where you keep important papers.').waitFor();
    expect(await page.locator('.account-codes li').count()).toBe(10);
    expect(await isTooWide(page)).toBe(false);

    await page.getByRole('button', { name: /^Account of/ }).press('Enter');
    await page.getByRole('button', { name: 'Sign out' }).press('Enter');
    await page.getByLabel('E-mail').waitFor();
    await signIn(page, person);
    await page.getByRole('heading', { name: 'One more step' }).waitFor();
    await page.getByLabel('Code of your authenticator').fill('000000');
    await page.getByRole('button', { name: 'Go on' }).press('Enter');
    await page.locator('.field-error').waitFor();
    await page.getByLabel('Code of your authenticator').fill(codeAt(secret, 1));
    await page.getByRole('button', { name: 'Go on' }).press('Enter');
    await page.getByRole('button', { name: /^Account of/ }).waitFor();
    // Browsers write every refused request on the console; the wrong code was asked for.
    expect(trouble.splice(0)).toEqual([expect.stringContaining('401')]);
  });

  it('shows where one is signed in, and ends what is elsewhere', async () => {
    const person = await hub.person();
    const { page } = await browser.visit(`${hub.url}/account`);
    await signIn(page, person);
    const list = page.locator('.session-list li');
    await list.filter({ hasText: 'test' }).waitFor();
    expect(await list.count()).toBe(2);

    await page.getByRole('button', { name: 'End the session on test' }).press('Enter');

    await list.filter({ hasText: 'test' }).waitFor({ state: 'detached' });
    expect(await list.count()).toBe(1);
  });
});

describe('a lost password', () => {
  it('is set anew by a mailed link, which works once', async () => {
    const person = await hub.person();
    const { page, trouble } = await browser.visit(hub.url);
    await page.getByRole('link', { name: 'Forgot the password?' }).press('Enter');
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByRole('button', { name: 'Send me a link' }).press('Enter');
    await page.getByText('Look into your mail').waitFor();

    hostJobs(hub.hub);
    const link = await within(10_000, async () => {
      const [mail] = await hub.mails(person.email);
      const found = /https?:\/\/\S+#\/reset-password\/\S+/.exec(mail?.text ?? '')?.[0];
      expect(found).toBeDefined();
      return found ?? '';
    });
    const fragment = link.slice(link.indexOf('#'));
    await page.goto(`${hub.url}/${fragment}`);
    await page.getByLabel('New password').fill('a sentence that nobody guesses');
    await page.getByRole('button', { name: 'Set the password' }).press('Enter');
    await page.getByText('Your password is set').waitFor();
    expect(page.url()).not.toContain('#');
    await signIn(page, { ...person, password: 'a sentence that nobody guesses' });
    await page.getByRole('button', { name: /^Account of/ }).waitFor();
    expect(trouble.splice(0)).toEqual([]);
  });
});
