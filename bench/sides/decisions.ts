import { trackingApi } from '@loro/contracts/tracking';
import type { Hub } from '../../server/platform/boot';

export interface Decided {
  readonly cpuUs: number;
  readonly queries: number;
}

/** Who calls, and whether he may, for a caller whom the process knows: what every request and call pays before its verb. */
export async function decide(hub: Hub, { token: text, count }: { token: string; count: number }): Promise<Decided> {
  const { demands } = trackingApi.endpoints.positions;
  const once = async () => {
    const { actor, token } = await hub.authenticator.authenticate(text);
    const asking = hub.ports.admit(actor, token, demands, 'tracking.read');
    if (asking) await asking;
  };
  // Remembered by then, and compiled.
  for (let round = 0; round < 2_000; round += 1) await once();
  const queries = counting(hub);
  const before = process.cpuUsage();
  for (let round = 0; round < count; round += 1) await once();
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: user + system, queries: queries.stop() };
}

/** Counts what is asked of the database for somebody's rights; the ticks of the process look for changes all the time. */
function counting({ sequelize, reads }: Hub): { stop(): number } {
  let count = 0;
  const query = sequelize.query.bind(sequelize);
  const one = reads.one.bind(reads);
  Object.assign(sequelize, {
    query: (...asked: Parameters<typeof query>) => {
      if (/role_|sessions|users|license|flag/.test(JSON.stringify(asked[0]))) count += 1;
      return query(...asked);
    },
  });
  Object.assign(reads, {
    one: (...asked: Parameters<typeof one>) => {
      count += 1;
      return one(...asked);
    },
  });
  return {
    stop: () => {
      Object.assign(sequelize, { query });
      Object.assign(reads, { one });
      return count;
    },
  };
}
