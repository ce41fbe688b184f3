import { type Field, fieldsOf, type JsonSchema, typeOf } from './json-schema';

/** Text that is HTML already; everything else that meets `html` is escaped. */
export class Markup {
  constructor(private readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

type Part = string | number | Markup | readonly Part[];

/**
 * Writes HTML; whatever is put in is escaped, unless it is markup itself.
 * @example html`<b>${name}</b>`
 */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
  new Markup(strings.reduce((text, next, index) => text + render(parts[index - 1] ?? '') + next));

function render(part: Part): string {
  if (part instanceof Markup) return part.toString();
  if (typeof part === 'string' || typeof part === 'number') return escape(String(part));
  return part.map(render).join('');
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');

/** Words of a contract, where `back quotes` mark code. */
export const prose = (text: string): Markup =>
  html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;

export const link = (href: string, text: Part): Markup => html`<a href="${href}">${text}</a>`;

/** An id for headings that links may point to. */
export const anchor = (text: string): string => text.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, '');

export const codes = (list: readonly string[]): Markup =>
  html`${list.map((code, index) => [index === 0 ? '' : ', ', link(`/docs/errors/${code}`, code)])}`;

const fieldRow = ({ path, type, required }: Field): Markup =>
  html`<tr>
    <th scope="row"><code>${path}</code></th>
    <td>${type}</td>
    <td>${required ? 'always' : 'optional'}</td>
  </tr>`;

/** A folded table of a schema's fields. */
export function fields(caption: string, schema: JsonSchema): Markup {
  const rows = fieldsOf(schema);
  if (rows.length === 0) return html`<p>${caption}: ${typeOf(schema)}</p>`;
  return html`<details>
    <summary>${caption}, ${rows.length} ${rows.length === 1 ? 'field' : 'fields'}</summary>
    <div class="wide" role="region" aria-label="${caption}" tabindex="0">
      <table>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Type</th>
            <th scope="col">Present</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(fieldRow)}
        </tbody>
      </table>
    </div>
  </details>`;
}

const menu = [
  ['/docs', 'Overview'],
  ['/docs/rest', 'REST'],
  ['/docs/live', 'Live'],
  ['/docs/jobs', 'Jobs'],
  ['/docs/errors', 'Errors'],
] as const;

/** A whole page. Nothing on it comes from another origin, and nothing on it needs a script. */
export function page(path: string, title: string, content: Markup): string {
  const entry = ([href, name]: readonly [string, string]) =>
    html`<li><a href="${href}" ${href === path ? html` aria-current="page"` : ''}>${name}</a></li>`;
  return `<!doctype html>\n${html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${title} · Loro Hub</title>
      <link rel="stylesheet" href="/docs/style.css" />
    </head>
    <body>
      <a class="skip" href="#content">Skip to content</a>
      <header>
        <nav aria-label="Documents">
          <ul>
            ${menu.map(entry)}
          </ul>
        </nav>
      </header>
      <main id="content">
        <h1>${title}</h1>
        ${content}
      </main>
    </body>
  </html> `.toString()}`;
}

export const stylesheet = `:root {
  color-scheme: light dark;
  --ink: #1b2330; --soft: #566176; --paper: #ffffff; --sheet: #f3f5f9; --line: #d5dbe5; --link: #0b57c2;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaf2; --soft: #a3aec2; --paper: #12161d; --sheet: #1b212b; --line: #333d4d; --link: #8ab6ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
header { background: var(--sheet); border-bottom: 1px solid var(--line); }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1.25rem; margin: 0 auto; padding: 0.5rem 1rem; max-width: 60rem; list-style: none; }
nav a { display: inline-block; padding: 0.4rem 0; }
nav a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: none; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem 1rem 4rem; }
h1 { font-size: 1.75rem; line-height: 1.2; }
h2 { margin-top: 2.5rem; padding-top: 0.5rem; border-top: 1px solid var(--line); }
h3 { margin-bottom: 0.25rem; font-size: 1.05rem; overflow-wrap: anywhere; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible, .wide:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code { font: 0.92em ui-monospace, monospace; overflow-wrap: anywhere; }
h3 code { font-weight: 600; }
p { margin: 0.35rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.15rem 1rem; margin: 0.35rem 0; }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
details { margin: 0.35rem 0; }
summary { cursor: pointer; padding: 0.25rem 0; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.92rem; }
th, td { padding: 0.3rem 0.75rem 0.3rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: normal; }
thead th { color: var(--soft); }
.skip { position: absolute; left: -100vw; }
.skip:focus { position: static; display: block; padding: 0.5rem 1rem; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; } dt { margin-top: 0.3rem; } }
`;
