import path from 'node:path';
import { modules } from './modules';
import {
  about,
  createLogger,
  exitCodeOf,
  Hub,
  mail,
  openGateway,
  operator,
  presence,
  readConfig,
  streams,
  tickets,
} from './platform/boot';
import { showDemoCompany } from './seeds/show';

/** A gateway: REST, documents, pages and sockets on one port. */
async function main(): Promise<void> {
  const config = readConfig();
  const log = createLogger(config.LOG_LEVEL, config.NODE_NAME);
  const hub = new Hub({ config, log, modules: [about, mail, presence, operator, streams, tickets, ...modules] });
  hub.shutdown.onSignals();
  showDemoCompany(hub.use(about));

  const { port } = await openGateway(hub, path.join(__dirname, '../../dashboard/dist/app'));
  log.info({ port }, 'gateway is listening');
  // Tells a parent that started this process where it can be reached.
  process.send?.({ ready: true, port });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(exitCodeOf(error));
});
