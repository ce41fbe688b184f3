import { modules } from '../server/modules';
import { checkContracts, createLogger, exitCodeOf, Hub, mail, operator, readConfig } from '../server/platform/boot';
import { hostJobs } from './host';
import { startRelay } from './relay';
import { startSchedules } from './schedules';

/** A worker: the same hub without doors. It runs jobs, sweeps the outbox and keeps the clock. */
async function main(): Promise<void> {
  const config = readConfig();
  const log = createLogger(config.LOG_LEVEL, config.NODE_NAME);
  const hub = new Hub({ config, log, modules: [mail, operator, ...modules] });
  hub.shutdown.onSignals();
  checkContracts(hub);
  await hub.start();
  hostJobs(hub);
  startRelay(hub);
  startSchedules(hub);
  log.info('worker is running');
  process.send?.({ ready: true });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(exitCodeOf(error));
});
