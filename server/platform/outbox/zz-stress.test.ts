import { testHub } from '../../testing/test-hub';
import { write, streamOf } from '../../testing/notes';
const hub = testHub();
it('stress', async () => {
  let errors: string[] = [];
  let tries = 0;
  for (let round = 0; round < 60; round++) {
    const people = Array.from({ length: 3 }, (_, i) => ({ orgId: 'ORG' + round, userId: 'U' + i }));
    const names = people.map((p) => streamOf(p));
    await Promise.all(
      Array.from({ length: 24 }, async (_, i) => {
        try {
          if (i % 3 === 0) await hub.hub.streams.openHeads(names);
          else
            await write(hub.hub, [people[i % 2]!, people[2]!], ['x'], async () => {
              tries++;
            });
        } catch (e) {
          errors.push(String((e as Error).message));
        }
      }),
    );
  }
  console.log(errors.length, errors.slice(0, 3), tries, 60 * 16);
  const t0 = performance.now();
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      for (let i = 0; i < 100; i++) await write(hub.hub, { orgId: 'ORGX', userId: 'U1' }, ['x']);
    }),
  );
  console.log('one stream tx/s', 1000 / ((performance.now() - t0) / 1000));
  const t1 = performance.now();
  await Promise.all(
    Array.from({ length: 10 }, async (_, k) => {
      for (let i = 0; i < 100; i++) await write(hub.hub, { orgId: 'ORGX', userId: 'V' + k }, ['x']);
    }),
  );
  console.log('ten streams tx/s', 1000 / ((performance.now() - t1) / 1000));
  console.log(
    await hub.sql(`EXPLAIN SELECT h.stream, h.epoch, h.n,
         EXISTS (SELECT 1 FROM stream_events e WHERE e.stream = h.stream AND e.n = h.n)
         OR EXISTS (SELECT 1 FROM stream_events e WHERE e.stream = h.stream
                    AND e.n = h.n + 1 - CASE h.stream WHEN 'ORGX:user:U1' THEN 1 END) AS taken
       FROM stream_heads h WHERE h.stream IN ('ORGX:user:U1')`),
  );
}, 120000);
