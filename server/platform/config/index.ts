import { hostname } from 'node:os';
import { z } from 'zod';

const flag = z.enum(['0', '1', 'false', 'true', 'off', 'on']).transform((text) => ['1', 'true', 'on'].includes(text));
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ''),
);
const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

/** Every variable the hub reads, with its default and what it is for. */
const variables = {
  PORT: [whole(0, 65_535).default(3000), 'Port of the gateway; 0 takes a free one.'],
  HOST: [z.string().default('0.0.0.0'), 'Address the gateway listens on.'],
  DATABASE_URL: [
    z.string().regex(/^mysql:\/\//, 'starts with mysql://'),
    'MySQL or MariaDB: mysql://user:password@host:3306/hub, or ?socketPath=… for a unix socket. `npm start` without it starts an engine of its own.',
  ],
  REDIS_URL: [
    z.string().regex(/^(redis|rediss|redis\+unix):\/\//, 'starts with redis://, rediss:// or redis+unix://'),
    'Redis: redis://host:6379, or redis+unix:///path/redis.sock.',
  ],
  LORO_SECRET: [
    z.string().min(32, 'is at least 32 characters long'),
    'Seals tokens, cursors and stored keys. The same on every node; losing it signs everybody out.',
  ],
  PUBLIC_URL: [z.url().optional(), 'The address people type; names the issuer of tokens.'],
  CORS_ORIGINS: [list.default([]), 'Comma-separated origins of pages on other hosts that may call the hub.'],
  TRUST_PROXY: [flag.default(false), 'on: a proxy in front sets X-Forwarded-For, and it can be believed.'],
  METRICS_TOKEN: [
    z.string().min(16).optional(),
    'Bearer token of /metrics; without it only this machine may read them.',
  ],
  NODE_NAME: [z.string().max(80).default(`${hostname()}-${process.pid}`), 'Name of this node in logs and metrics.'],
  MAP_STYLE_URL: [z.url().optional(), 'A MapLibre style with streets; without it the map draws land and borders.'],
  LOG_LEVEL: [z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'), 'How much is logged.'],
  SMTP_URL: [
    z
      .string()
      .regex(/^smtps?:\/\//, 'starts with smtp:// or smtps://')
      .optional(),
    'Where mails are handed over: smtp://user:password@host:587. `npm start` without it keeps them on /demo/mails.',
  ],
  MAIL_FROM: [z.string().max(200).default('Loro Hub <hub@loro.example>'), 'The sender of mails.'],
  MAIL_CAUGHT: [
    z.string().optional(),
    'Folder of mails that went nowhere, shown on /demo/mails to everybody who can reach the hub; `npm start` sets it.',
  ],
  BCRYPT_COST: [whole(4, 16).default(12), 'Work factor of password hashes; 12 takes about 0.2 s.'],
  API_RATE_PER_USER: [
    whole(1, 1_000_000).default(20),
    'REST calls a second that one person may make on one node; ten seconds of it may come at once.',
  ],
  API_RATE_PER_ORGANISATION: [whole(1, 1_000_000).default(500), 'The same for one organisation.'],
  LIVE_FAST_PATH: [
    flag.default(true),
    'off: sockets are served by Socket.IO as it comes, on the same wire, at several times the cost.',
  ],
  REDIS_PREFIX: [z.string().max(40).default('loro'), 'Before every Redis key; hubs that share a Redis need their own.'],
  DATABASE_POOL: [whole(2, 200).default(20), 'Database connections of one process.'],
  LOG_RETENTION_DAYS: [whole(1, 400).default(7), 'How long streams can be resumed from; older events are dropped.'],
  LORO_DEMO: [flag.default(false), 'on: a demo company, its sign-in names shown on the sign-in page.'],
} as const satisfies Record<string, readonly [z.ZodType, string]>;

type Variables = { [Name in keyof typeof variables]: z.output<(typeof variables)[Name][0]> };
export type Config = Readonly<Variables>;

/**
 * Reads the environment once.
 * @throws Error that lists every wrong variable, not only the first.
 */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  const shape = Object.fromEntries(Object.entries(variables).map(([name, [schema]]) => [name, schema]));
  // An empty variable is what `NAME= npm start` and compose files make of an unset one.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = z.object(shape).safeParse(given);
  if (!result.success) {
    const wrong = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The configuration is wrong:\n${wrong.join('\n')}\nSee .env.example for every variable.`);
  }
  // The shape was built from `variables`, entry by entry, which Object.fromEntries cannot say in types.
  return Object.freeze(result.data as unknown as Variables);
}

/** The text of `.env.example`, generated so that it cannot fall behind. */
export function envExample(): string {
  const entries = Object.entries(variables).map(([name, [schema, help]]) => {
    const preset = name === 'NODE_NAME' ? undefined : schema.safeParse(undefined);
    const value = preset?.success && preset.data !== undefined ? String(preset.data) : '';
    return `# ${help}\n${value === '' ? '#' : ''}${name}=${value}\n`;
  });
  return entries.join('\n');
}
