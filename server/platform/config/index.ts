import { hostname } from 'node:os';
import { z } from 'zod';
import { developmentDefaults } from './production';
import { LoroSettings } from './settings';
import { ConfigError, fromFiles, masked, type Source } from './sources';

export { exitCodeOf } from './sources';

const flag = z.enum(['0', '1', 'false', 'true', 'off', 'on']).transform((text) => ['1', 'true', 'on'].includes(text));
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ''),
);
const ed25519 = z
  .string()
  .refine((text) => Buffer.from(text, 'base64').length === 32, { error: 'is not 32 bytes in base64' });
const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

/** Every variable the hub reads, with its default and what it is for. `NAME_FILE` names a file that holds the value. */
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
  OUTGOING_PRIVATE: [
    list.default([]).pipe(z.array(z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()]))),
    'Comma-separated private addresses or networks (10.0.4.0/24) that integrations and webhooks may reach; by default only public ones.',
  ],
  FILES_DIR: [
    z.string().default('.loro/files'),
    'Folder of files of organisations that keep them on this machine; shared by every gateway and worker.',
  ],
  CLAMD_URL: [
    z
      .string()
      .regex(/^tcp:\/\/[^/]+:\d{1,5}$/, 'is tcp://host:port')
      .optional(),
    'A clamd that looks at files before they can be opened: tcp://clamd:3310. Storage with a scanner of its own asks that one.',
  ],
  LORO_SETTINGS: [
    LoroSettings,
    'Settings for the whole hub as JSON, by name: {"security.password-min-length": 14}. What is set in the hub wins.',
  ],
  JOURNAL_DIR: [
    z.string().default('.loro/journal'),
    'Folder of the signed checkpoints of the journal, best on another volume than the database and only added to.',
  ],
  LICENSE_SIGNING_KEY: [
    ed25519.optional(),
    'Private Ed25519 key of this hub’s licence files, 32 bytes in base64; without it one that follows from LORO_SECRET.',
  ],
  LICENSE_PUBLIC_KEYS: [
    list.default([]).pipe(z.array(ed25519)),
    'Comma-separated public Ed25519 keys, 32 bytes in base64 each, whose licence files are taken beside this hub’s own.',
  ],
  PAYMENT_URL: [z.url().optional(), 'Where charges are sent: a payment provider, or what translates for one.'],
  PAYMENT_PROVIDER: [
    z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,39}$/, 'is lower case letters, digits and dashes')
      .default('payments'),
    'The name of the payment provider in the address of its webhook.',
  ],
  PAYMENT_SECRET: [
    z.string().min(16).optional(),
    'Signs charges, and what the payment provider says; without it nothing it says is believed.',
  ],
  LORO_DEMO: [flag.default(false), 'on: a demo company, its sign-in names shown on the sign-in page.'],
} as const satisfies Record<string, readonly [z.ZodType, string]>;

type Variables = { [Name in keyof typeof variables]: z.output<(typeof variables)[Name][0]> };
export type Config = Readonly<Variables>;

const secrets: readonly (keyof Variables)[] = ['LORO_SECRET', 'METRICS_TOKEN', 'LICENSE_SIGNING_KEY', 'PAYMENT_SECRET'];
const read = new WeakMap<Config, ReadonlyMap<string, Source>>();

/**
 * Reads the environment once.
 * @throws ConfigError that lists every wrong variable, not only the first.
 */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  const shape = Object.fromEntries(Object.entries(variables).map(([name, [schema]]) => [name, schema]));
  const { given, sources, wrong: unreadable } = fromFiles(Object.keys(variables), environment);
  const result = z.object(shape).safeParse(given);
  const wrong = [
    ...unreadable,
    ...(result.error?.issues ?? [])
      .filter(({ path: [name] }) => !unreadable.some((one) => one.startsWith(String(name))))
      .map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    ...(environment['NODE_ENV'] === 'production' ? developmentDefaults(given) : []),
  ];
  if (wrong.length > 0 || !result.success) throw new ConfigError(wrong);
  // The shape was built from `variables`, entry by entry, which Object.fromEntries cannot say in types.
  const config: Config = Object.freeze(result.data as unknown as Variables);
  read.set(config, sources);
  return config;
}

/** One variable as an operator may see it. */
export interface Variable {
  readonly name: string;
  readonly help: string;
  readonly source: Source;
  readonly isSecret: boolean;
  readonly value: string | null;
}

/** What a configuration was read from, secrets masked. */
export function variablesOf(config: Config): Variable[] {
  return Object.entries(variables).map(([name, [, help]]) => {
    const value: unknown = Reflect.get(config, name);
    const isSecret = secrets.some((secret) => secret === name);
    const source = read.get(config)?.get(name) ?? (value === undefined ? 'not-set' : 'default');
    return { name, help, source, isSecret, value: masked(value, isSecret) };
  });
}

/** The text of `.env.example`, generated so that it cannot fall behind. */
export function envExample(): string {
  const entries = Object.entries(variables).map(([name, [schema, help]]) => {
    const preset = name === 'NODE_NAME' ? undefined : schema.safeParse(undefined);
    const value = preset?.success && preset.data !== undefined ? textOf(preset.data) : '';
    return `# ${help}\n${value === '' ? '#' : ''}${name}=${value}\n`;
  });
  return entries.join('\n');
}

function textOf(preset: string | number | boolean | object): string {
  if (Array.isArray(preset)) return preset.join(',');
  return typeof preset === 'object' ? '' : String(preset);
}
