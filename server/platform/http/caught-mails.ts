import type { Context, Middleware, Next } from 'koa';
import { html, link, type Markup, page } from '../docs/html';
import { NotFound } from '../errors';
import { caughtMail, caughtMails } from '../mail/catcher';

const PATH = '/demo/mails';
const A_PAGE = 50;
const ADDRESS = /(https?:\/\/\S+)/;

/** In demo mode, the mails that the hub sent: they go nowhere else. */
export function caughtMailPages(folder: string): Middleware {
  return async (ctx: Context, next: Next) => {
    if (ctx.path !== PATH && !ctx.path.startsWith(`${PATH}/`)) return next();
    const id = ctx.path.slice(PATH.length + 1);
    ctx.type = 'html';
    ctx.set('Cache-Control', 'no-store');
    ctx.body = id === '' ? await inbox(folder, String(ctx.query['before'] ?? '')) : await letter(folder, id);
  };
}

async function inbox(folder: string, before: string): Promise<string> {
  const mails = await caughtMails(folder, A_PAGE + 1, before === '' ? undefined : before);
  const shown = mails.slice(0, A_PAGE);
  const rows = shown.map(
    ({ id, to, subject, at }) =>
      html`<tr>
        <th scope="row">${link(`${PATH}/${id}`, subject)}</th>
        <td>${to}</td>
        <td>${at.toISOString().replace('T', ' ').slice(0, 16)} UTC</td>
      </tr>`,
  );
  const older =
    mails.length > A_PAGE ? html`<p>${link(`${PATH}?before=${shown.at(-1)?.id ?? ''}`, 'Older mails')}</p>` : '';
  return page(
    PATH,
    'Mails of the demo',
    html`<h1>Mails of the demo</h1>
      <p>This hub has no mail server, so its mails are kept here and go nowhere else.</p>
      ${
        shown.length === 0
          ? html`<p>None yet. Ask for a new password on the sign-in page, and look here.</p>`
          : html`<div class="wide" role="region" aria-label="Mails" tabindex="0">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Subject</th>
                    <th scope="col">To</th>
                    <th scope="col">Sent</th>
                  </tr>
                </thead>
                <tbody>
                  ${rows}
                </tbody>
              </table>
            </div>`
      }
      ${older}`,
  );
}

async function letter(folder: string, id: string): Promise<string> {
  const mail = await caughtMail(folder, id);
  if (!mail) throw new NotFound('This mail');
  return page(
    PATH,
    mail.subject,
    html`<p>${link(PATH, 'All mails')}</p>
      <h1>${mail.subject}</h1>
      <p>To ${mail.to}, from ${mail.from}, ${mail.at.toISOString()}</p>
      ${mail.text.split(/\n\s*\n/).map((paragraph) => html`<p>${linked(paragraph)}</p>`)}`,
  );
}

const linked = (text: string): Markup =>
  html`${text.split(ADDRESS).map((part, index) => (index % 2 === 1 ? link(part, part) : part))}`;
