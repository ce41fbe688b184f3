import { createHash } from 'node:crypto';

/** An error as it is kept: by fingerprint, without secrets and without people. */
export interface ErrorFact {
  readonly orgId: string;
  readonly fingerprint: string;
  readonly name: string;
  readonly message: string;
  readonly place: string;
  readonly stack: string;
  readonly count: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\bBearer\s+[\w.~+/=-]+/gi, 'Bearer [secret]'],
  [/\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)*/g, '[token]'],
  [/:\/\/[^\s/:@]+:[^\s/@]+@/g, '://[secret]@'],
  [
    /\b(pass(?:word|wd)?|secret|token|authorization|cookie|api[-_]?key)(["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;}]+)/gi,
    '$1$2[secret]',
  ],
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, '[e-mail]'],
  [/\b(?:\d[ -]?){13,19}\b/g, '[number]'],
];

/** Text without what opens doors or names people. */
export const scrubbed = (text: string): string =>
  SECRETS.reduce((clean, [pattern, replacement]) => clean.replaceAll(pattern, replacement), text);

/** The same bug has the same fingerprint, whichever id or number it met. */
export function errorFactOf(
  error: unknown,
  { orgId, place, at }: { orgId: string; place: string; at: Date },
): ErrorFact {
  const thrown = error instanceof Error ? error : new Error(String(error));
  const frames = (thrown.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const message = scrubbed(thrown.message).slice(0, 500);
  const kind = message.replaceAll(/[0-7][0-9A-HJKMNP-TV-Z]{25}/g, '#').replaceAll(/\d+/g, '#');
  const spot = frames.slice(0, 3).map((line) => line.replaceAll(/:\d+:\d+/g, ''));
  const fingerprint = createHash('sha256')
    .update([thrown.name, kind, place, ...spot].join('\n'))
    .digest('hex')
    .slice(0, 16);
  return {
    orgId,
    fingerprint,
    name: thrown.name.slice(0, 80),
    message,
    place: place.slice(0, 160),
    stack: scrubbed([`${thrown.name}: ${message}`, ...frames.slice(0, 20)].join('\n')).slice(0, 8_000),
    count: 1,
    firstAt: at,
    lastAt: at,
  };
}
