import path from 'node:path';
import { modules } from './modules';
import { createLogger, Hub, migrate, type readConfig, tendDayPartitions, tendMonthPartitions } from './platform/boot';
import { seedDemo } from './seeds/seeder';

/**
 * Makes a database ready for its hub: migrations, partitions for the days to come, and in demo mode the demo company.
 * Several processes may do it at once; one does, the others wait.
 */
export async function prepareDatabase(
  config: ReturnType<typeof readConfig>,
  { demo, say }: { demo: boolean; say: (message: string) => void },
): Promise<void> {
  const hub = new Hub({ config, log: createLogger('warn', 'prepare'), modules });
  try {
    const done = await migrate(hub.sequelize, path.join(__dirname, 'migrations'));
    if (done.length > 0) say(`database: ${done.length} migrations`);
    const now = hub.now();
    await tendDayPartitions(hub.sequelize, 'stream_events', now, config.LOG_RETENTION_DAYS);
    await tendDayPartitions(hub.sequelize, 'outbox_jobs', now, 14);
    await tendMonthPartitions(hub.sequelize, 'fixes', now);
    if (demo) await seedDemo(hub, say);
  } finally {
    await hub.shutdown.end();
  }
}
