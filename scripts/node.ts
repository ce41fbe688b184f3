import { attachEngines } from '../server/platform/engines';
import { keep } from './children';
import { catcherOf } from '../server/platform/mail/catcher';
import { keptSecret, MAILS, readDotEnv, DATA_FOLDER } from './environment';

const usage = 'Usage: npm run node -- gateway|worker [--port 3001]';

/** One more gateway or worker beside a running hub, for trying scale-out and faults on one machine. */
async function main(): Promise<void> {
  readDotEnv();
  const [kind, option, port = '0'] = process.argv.slice(2);
  if ((kind !== 'gateway' && kind !== 'worker') || (option !== undefined && option !== '--port'))
    throw new Error(usage);

  const given = process.env;
  const attached = given['DATABASE_URL'] === undefined ? attachEngines(DATA_FOLDER) : null;
  const caughtBy = attached && given['SMTP_URL'] === undefined ? await catcherOf(MAILS) : undefined;
  const child = keep(`${kind}-${process.pid}`, kind === 'gateway' ? 'server/main.js' : 'workers/main.js', {
    DATABASE_URL: given['DATABASE_URL'] ?? attached?.databaseUrl ?? '',
    REDIS_URL: given['REDIS_URL'] ?? attached?.redisUrl ?? '',
    LORO_SECRET: given['LORO_SECRET'] ?? (attached ? keptSecret() : ''),
    LORO_DEMO: given['LORO_DEMO'] ?? (attached ? 'on' : 'off'),
    LOG_LEVEL: given['LOG_LEVEL'] ?? 'warn',
    PORT: port,
    ...(caughtBy !== undefined && { SMTP_URL: caughtBy, MAIL_CAUGHT: MAILS }),
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => void child.stop().then(() => process.exit(0)));
  const ready = await child.ready;
  console.log(
    kind === 'gateway' ? `One more gateway: http://localhost:${String(ready['port'])}` : 'One more worker is running',
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
