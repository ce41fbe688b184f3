import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readConfig, variablesOf } from '.';

const folder = mkdtempSync(path.join(tmpdir(), 'loro-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SECRET = '8f2c61d0a97b34e5f18c0d2b6a7e9341';
const good = {
  DATABASE_URL: 'mysql://hub:hush@127.0.0.1:3306/hub',
  REDIS_URL: 'redis://127.0.0.1:6379',
  LORO_SECRET: SECRET,
};
const file = (name: string, text: string): string => {
  const at = path.join(folder, name);
  writeFileSync(at, text);
  return at;
};
const shown = (environment: Record<string, string>, name: string) =>
  variablesOf(readConfig(environment)).find((one) => one.name === name);

describe('reading the environment', () => {
  it('tells everything that is wrong at once', () => {
    const read = () =>
      readConfig({
        DATABASE_URL: 'postgres://elsewhere',
        PORT: 'many',
        LORO_SECRET: 'short',
        LORO_SETTINGS: '{"security.password-min-length": 3, "no.such": 1}',
        OUTGOING_PRIVATE: 'everything',
      });

    for (const name of ['DATABASE_URL', 'REDIS_URL', 'PORT', 'LORO_SECRET', 'OUTGOING_PRIVATE'])
      expect(read).toThrow(new RegExp(`^  ${name}`, 'm'));
    expect(read).toThrow(/LORO_SETTINGS\.security\.password-min-length: /);
    expect(read).toThrow(/LORO_SETTINGS\.no\.such: is no setting/);
  });

  it('takes secrets from files, without the line’s end, and from one place only', () => {
    const { LORO_SECRET: _, ...rest } = good;
    const from = { ...rest, LORO_SECRET_FILE: file('secret', `${SECRET}\n`) };

    expect(readConfig(from).LORO_SECRET).toBe(SECRET);
    expect(shown(from, 'LORO_SECRET')).toMatchObject({ source: 'file', value: '••••' });
    expect(() => readConfig({ ...from, LORO_SECRET: SECRET })).toThrow('LORO_SECRET: is given twice');
    expect(() => readConfig({ ...rest, LORO_SECRET_FILE: path.join(folder, 'nowhere') })).toThrow(
      /LORO_SECRET_FILE: cannot be read/,
    );
  });

  it('shows where values come from, and no password', () => {
    expect(shown(good, 'DATABASE_URL')).toMatchObject({
      source: 'environment',
      value: 'mysql://hub:••••@127.0.0.1:3306/hub',
    });
    expect(shown(good, 'PORT')).toMatchObject({ source: 'default', value: '3000' });
    expect(shown({ ...good, PORT: '' }, 'PORT')).toMatchObject({ source: 'default' });
    expect(shown(good, 'SMTP_URL')).toMatchObject({ source: 'not-set', value: null });
    expect(shown({ ...good, SMTP_URL: 'smtps://me:pa:ss@mail.example' }, 'SMTP_URL')?.value).toBe(
      'smtps://me:••••@mail.example',
    );
  });

  it('takes settings of the whole hub by their names', () => {
    const config = readConfig({ ...good, LORO_SETTINGS: '{"security.password-min-length": 14}' });

    expect(config.LORO_SETTINGS).toEqual({ 'security.password-min-length': 14 });
    expect(() => readConfig({ ...good, LORO_SETTINGS: '[1]' })).toThrow('is not a JSON object');
    expect(() => readConfig({ ...good, LORO_SETTINGS: '{' })).toThrow('is not a JSON object');
  });
});

describe('a hub in production', () => {
  const production = { ...good, NODE_ENV: 'production', PUBLIC_URL: 'https://hub.example' };

  it('starts with values of its own', () => {
    expect(readConfig(production).LORO_SECRET).toBe(SECRET);
  });

  it.each([
    ['a secret that everybody knows', { LORO_SECRET: 'change-me-change-me-change-me-please' }, 'LORO_SECRET'],
    ['a secret of few letters', { LORO_SECRET: 'ab'.repeat(20) }, 'LORO_SECRET'],
    ['every page of the world', { CORS_ORIGINS: 'https://a.example, *' }, 'CORS_ORIGINS'],
    ['passwords that are quick to try', { BCRYPT_COST: '4' }, 'BCRYPT_COST'],
    ['links that lead nowhere', { PUBLIC_URL: undefined }, 'PUBLIC_URL'],
  ])('refuses %s, which serves development alone', (_what, wrong, name) => {
    expect(() => readConfig({ ...production, ...wrong })).toThrow(new RegExp(`^  ${name}: `, 'm'));
    expect(() => readConfig({ ...good, ...wrong })).not.toThrow();
  });
});

describe('a program that cannot start', () => {
  it('ends with 78, and lists everything that is wrong', () => {
    const program = `import('./server/platform/config/index.ts').then(({ default: config }) => {
      try { config.readConfig(); }
      catch (error) { console.error(error.message); process.exit(config.exitCodeOf(error)); }
    })`;
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--conditions', 'source', '--eval', program],
      { cwd: path.join(__dirname, '../../..'), encoding: 'utf8', env: { PATH: process.env['PATH'], PORT: 'many' } },
    );

    expect(status).toBe(78);
    for (const name of ['PORT', 'DATABASE_URL', 'REDIS_URL', 'LORO_SECRET']) expect(stderr).toContain(`  ${name}: `);
  });
});
