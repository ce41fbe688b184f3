import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sendMail } from '@loro/contracts/mail';
import { testHub } from '../../testing/test-hub';
import { ulid } from '../ulid';
import { caughtMails } from './catcher';
import { Mail } from './mail';

const hub = testHub();
const address = (): string => `${ulid().toLowerCase()}@example.test`;
const reset = (to: string) => ({
  to,
  subject: 'A new password',
  text: 'Zoë, somebody asked for a new password.\n\nhttps://hub.example/#/reset/s3cr3t\n\n<b>Nobody?</b> Then leave it.',
});
const page = async (at: string) => (await fetch(`${hub.url}${at}`)).text();

describe('sending a mail', () => {
  it('hands it to the mail server once what asked for it is committed', async () => {
    const to = address();

    await hub.hub.transact(async (after) => hub.hub.mail.post(after, reset(to)));

    expect(await hub.mails(to)).toEqual([
      expect.objectContaining({
        to,
        subject: 'A new password',
        text: reset(to).text,
        from: expect.stringContaining('Loro Hub'),
      }),
    ]);
  });

  it('sends nothing where the transaction fails', async () => {
    const to = address();

    await expect(
      hub.hub.transact(async (after) => {
        hub.hub.mail.post(after, reset(to));
        throw new Error('changed its mind');
      }),
    ).rejects.toThrow('changed its mind');

    expect(await hub.mails(to)).toEqual([]);
  });

  it('keeps it sealed while it waits, so that whoever reads the queue finds no link', async () => {
    const to = address();
    await hub.hub.transact(async (after) => hub.hub.mail.post(after, reset(to)));

    const rows = await hub.sql<{ payload: string }>("SELECT payload FROM outbox_jobs WHERE name = 'mail.send-mail'");

    expect(rows.length).toBeGreaterThan(0);
    for (const { payload } of rows) expect(payload).not.toMatch(/s3cr3t|example\.test/);
  });

  it('refuses an address with a second header in it', async () => {
    const bad = hub.hub.transact(async (after) => hub.hub.mail.post(after, reset('a@b.example\nBcc: all@b.example')));

    await expect(bad).rejects.toThrow(/email/i);
  });

  it('fails, to be tried again, where no mail server is named', async () => {
    const alone = new Mail({ SMTP_URL: undefined, MAIL_FROM: 'hub@hub.example' }, hub.hub.secrets);
    const payload = sendMail.payload.parse({ id: ulid(), sealed: '' });

    await expect(alone.deliver(payload)).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' });
  });
});

describe('catching mails', () => {
  it('can be read while the oldest make room for newer ones', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'loro-caught-'));
    for (let n = 0; n < 400; n += 1) writeFileSync(path.join(folder, `${ulid()}.eml`), 'Subject: x\r\n\r\nx');

    const reading = caughtMails(folder, 400);
    for (const name of readdirSync(folder).slice(0, 200)) rmSync(path.join(folder, name));

    expect((await reading).length).toBeGreaterThanOrEqual(200);
  });
});

describe('the mails of a demo', () => {
  it('can be read on a page, with their links, and nothing in them is markup', async () => {
    const to = address();
    await hub.hub.transact(async (after) => hub.hub.mail.post(after, reset(to)));
    const [mail] = await hub.mails(to);

    const [inbox, letter] = [await page('/demo/mails'), await page(`/demo/mails/${mail?.id ?? ''}`)];

    expect(inbox).toContain(`href="/demo/mails/${mail?.id ?? ''}"`);
    expect(letter).toContain('<a href="https://hub.example/#/reset/s3cr3t">');
    expect(letter).toContain('&lt;b&gt;Nobody?&lt;/b&gt;');
    expect((await fetch(`${hub.url}/demo/mails/${ulid()}`)).status).toBe(404);
    expect((await fetch(`${hub.url}/demo/mails/..%2f..%2fsecret`)).status).toBe(404);
  });
});
