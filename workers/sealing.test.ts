import { testHub } from '../server/testing/test-hub';
import { within } from '../server/testing/within';
import { hostJobs } from './host';
import { startSchedules } from './schedules';

const hub = testHub();
const sealedOf = (orgId: string) =>
  hub.sql<{ action: string; seq: number | null }>(
    "SELECT action, seq FROM journal_entries WHERE org_id = ? AND action LIKE 'thing%' ORDER BY id",
    [orgId],
  );
const tell = (orgId: string, action: string) =>
  hub.hub.transact(async (after) => after.record({ action, orgId, severity: 'notice' }));

describe('a worker', () => {
  it('chains what is told by itself, again and again', async () => {
    hostJobs(hub.hub);
    startSchedules(hub.hub);
    const { orgId } = await hub.person();

    for (const action of ['thing.made', 'thing.changed', 'thing.removed']) {
      await tell(orgId, action);
      await within(30_000, async () => expect((await sealedOf(orgId)).every(({ seq }) => seq !== null)).toBe(true));
    }

    const seqs = (await sealedOf(orgId)).map(({ seq }) => seq ?? 0);
    expect(seqs).toHaveLength(3);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  }, 120_000);
});
