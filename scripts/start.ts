import { exitCodeOf, readConfig } from '../server/platform/boot';
import { type Engines, startEngines } from '../server/platform/engines';
import { catchMails } from '../server/platform/mail/catcher';
import { prepareDatabase } from '../server/prepare';
import { demoCompany } from '../server/seeds/company';
import { DEMO_PASSWORD } from '../server/seeds/show';
import { type Child, keep } from './children';
import { DATA_FOLDER, keptSecret, MAILS, readDotEnv } from './environment';

const say = (message: string) => console.log(`  ${message}`);

/**
 * A whole hub on one machine: engines where none are named, one gateway, one worker, and in demo mode a dozen phones.
 * Demo mode is what a hub without configuration does; with a `DATABASE_URL` it must be asked for by name.
 */
async function main(): Promise<void> {
  const started = Date.now();
  readDotEnv();
  const given = process.env;
  const demo = given['LORO_DEMO'] === undefined ? given['DATABASE_URL'] === undefined : given['LORO_DEMO'] === 'on';
  console.log('Loro Hub is starting');

  const engines = await enginesFor(given);
  const env = {
    DATABASE_URL: given['DATABASE_URL'] ?? engines?.databaseUrl ?? '',
    REDIS_URL: given['REDIS_URL'] ?? engines?.redisUrl ?? '',
    LORO_SECRET: given['LORO_SECRET'] ?? (given['DATABASE_URL'] === undefined ? keptSecret() : ''),
    LORO_DEMO: demo ? 'on' : 'off',
    LOG_LEVEL: given['LOG_LEVEL'] ?? 'warn',
    ...(await mailsFor(given, demo)),
  };
  const children: Child[] = [];
  endOnSignals(children, engines);

  const config = readConfig({ ...given, ...env });
  await prepareDatabase(config, { demo, say });
  const gateway = keep('gateway', 'server/main.js', env);
  children.push(gateway, keep('worker', 'workers/main.js', env));
  const { port } = await gateway.ready;
  const url = `http://localhost:${String(port)}`;
  if (demo)
    children.push(keep('phones', 'scripts/simulator.js', { ...env, LORO_URL: `http://127.0.0.1:${String(port)}` }));

  say(`ready after ${((Date.now() - started) / 1000).toFixed(1)} s`);
  console.log(`\nLoro Hub: ${url}   (documents: ${url}/docs)`);
  if (demo) tellDemo();
  if (demo && given['SMTP_URL'] === undefined) console.log(`Its mails: ${url}/demo/mails`);
}

/** A demo without a mail server catches its mails; the catcher ends with this process. */
async function mailsFor(given: NodeJS.ProcessEnv, demo: boolean): Promise<Record<string, string>> {
  if (!demo || given['SMTP_URL'] !== undefined) return {};
  const { url } = await catchMails(MAILS);
  return { SMTP_URL: url, MAIL_CAUGHT: MAILS };
}

async function enginesFor(given: NodeJS.ProcessEnv): Promise<Engines | null> {
  if (given['DATABASE_URL'] !== undefined && given['REDIS_URL'] !== undefined) return null;
  if (given['DATABASE_URL'] !== undefined || given['REDIS_URL'] !== undefined)
    throw new Error('Name both DATABASE_URL and REDIS_URL, or neither: then the hub starts engines of its own.');
  const engines = await startEngines({ dir: DATA_FOLDER, log: say, download: given['LORO_ENGINES'] !== 'off' });
  engines.onCrash((crash) => console.error('an engine crashed and is being restarted', crash));
  return engines;
}

function endOnSignals(children: readonly Child[], engines: Engines | null): void {
  let ending = false;
  const end = async () => {
    if (ending) return;
    ending = true;
    console.log('\nLoro Hub is stopping');
    await Promise.all(children.map((child) => child.stop()));
    await engines?.stop();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end());
}

function tellDemo(): void {
  console.log(`\nThis is a demo: sign in as any of these with the password “${DEMO_PASSWORD}”.`);
  for (const { email, about } of demoCompany().front) console.log(`  ${email.padEnd(44)} ${about}`);
  console.log('\nCtrl+C stops everything; the data stays in', DATA_FOLDER);
}

main().catch((error: unknown) => {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exit(exitCodeOf(error));
});
