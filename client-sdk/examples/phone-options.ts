import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const usage = `Plays a GPX file as a phone does: every point reaches the hub once, whatever the line does meanwhile.

  npm run phone -- <file.gpx> --user <e-mail> [options]

  --user <e-mail>      who carries the phone
  --password <text>    or LORO_PASSWORD; a demo hub needs neither
  --url <url>          the hub, http://localhost:3000 by default
  --as-now             stamp every point with the time at which it is sent, to be seen moving on a live map;
                       without it recorded times are never changed
  --speed <times>      play so many times faster than it was recorded; by default as recorded with --as-now,
                       and as fast as the hub takes it without
  --start <instant>    when a file without any times begins; by default so that it ends when it was last written
  --buffer <folder>    where points wait until the hub has them, .loro/phone by default
  --cut <count>        cut the own connection so many times along the way
`;

export interface PhoneOptions {
  readonly file: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly url: string;
  readonly asNow: boolean;
  /** Infinity: do not wait between points. */
  readonly speed: number;
  readonly start: string | undefined;
  readonly buffer: string;
  readonly cuts: number;
}

/** What is wrong with the command line. */
export class BadOption extends Error {}

/** @throws BadOption, or an error of `parseArgs` */
export function readOptions(args: readonly string[]): PhoneOptions | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      user: { type: 'string' },
      password: { type: 'string' },
      url: { type: 'string', default: 'http://localhost:3000' },
      'as-now': { type: 'boolean', default: false },
      speed: { type: 'string' },
      start: { type: 'string' },
      buffer: { type: 'string', default: '.loro/phone' },
      cut: { type: 'string', default: '0' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const [file, ...more] = positionals;
  if (file === undefined) throw new BadOption('Name the GPX file to play.');
  if (more.length > 0) throw new BadOption(`One file at a time; there is also ${more.join(', ')}.`);
  if (values.user === undefined) throw new BadOption('Say with --user whose phone this is.');
  if (!URL.canParse(values.url)) throw new BadOption(`--url ${values.url} is not an address.`);
  const asNow = values['as-now'];
  return {
    // npm runs scripts in the folder of the package, and tells where it was called.
    file: resolve(process.env['INIT_CWD'] ?? '.', file),
    user: values.user,
    password: values.password,
    url: values.url,
    asNow,
    speed: numberOption('speed', values.speed ?? (asNow ? '1' : 'Infinity')),
    start: instantOption('start', values.start),
    buffer: values.buffer,
    cuts: values.cut === '0' ? 0 : Math.trunc(numberOption('cut', values.cut)),
  };
}

function numberOption(name: string, text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new BadOption(`--${name} ${text} is not a number above 0.`);
  return number;
}

function instantOption(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (Number.isNaN(Date.parse(text)))
    throw new BadOption(`--${name} ${text} is not an instant, such as 2026-11-24T09:00:00Z.`);
  return new Date(text).toISOString();
}
