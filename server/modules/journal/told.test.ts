import { journalApi } from '@loro/contracts/journal';
import { exportEntries, verifyChain } from '@loro/contracts/journal-live';
import type { Endpoint } from '@loro/contracts/kit/api';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub({ env: { OUTGOING_PRIVATE: '127.0.0.1' } });
const subject = { type: 'client', id: '9001' };

/** Calls each writing row of the room once, as somebody who may. */
const calls: Record<string, (owner: Person) => Promise<unknown>> = {
  writeNote: (owner) => api(owner).writeNote({ title: 'A note', text: 'Its text' }),
  verify: async (owner) => {
    const { id } = await api(owner).verify();
    await hub.work(verifyChain.name, { orgId: owner.orgId, verificationId: id });
  },
  export: async (owner) => {
    const { id } = await api(owner).export({ format: 'csv' });
    await hub.work(exportEntries.name, { orgId: owner.orgId, exportId: id });
  },
  hold: (owner) => api(owner).hold({ subject, reason: 'Case' }),
  release: async (owner) => {
    const { id } = await api(owner).hold({ subject, reason: 'Case' });
    return api(owner).release({ holdId: id, reason: 'Closed' });
  },
  erase: (owner) => api(owner).erase({ subject }),
  addOutlet: (owner) => outlet(owner),
  changeOutlet: async (owner) => {
    const { id } = await outlet(owner);
    return api(owner).changeOutlet({ outletId: id, name: 'Another' }, { headers: { 'if-match': '"1"' } });
  },
  removeOutlet: async (owner) => {
    const { id } = await outlet(owner);
    return api(owner).removeOutlet({ outletId: id }, { headers: { 'if-match': '"1"' } });
  },
};
const refusing = new Set(['replace', 'change', 'remove']);
const api = (person: Person) => hub.api(journalApi, person);
const outlet = (owner: Person) =>
  api(owner).addOutlet({ name: 'SIEM', kind: 'webhook', address: 'http://127.0.0.1:9/' });
const rows: [string, Endpoint][] = Object.entries(journalApi.endpoints);
const writing = rows.filter(([name, { method }]) => method !== 'GET' && !refusing.has(name)).map(([name]) => name);

describe('every call of this room that writes', () => {
  it('is known here', () => {
    expect(Object.keys(calls).toSorted()).toEqual(writing.toSorted());
  });

  it.each(writing)('tells the journal: %s', async (name) => {
    const owner = await hub.person({ role: 'owner' });
    const before = await count(owner);

    await calls[name]?.(owner);

    expect(await count(owner)).toBeGreaterThan(before);
  });
});

async function count({ orgId, userId }: Person): Promise<number> {
  const [row] = await hub.sql<{ n: number }>(
    'SELECT COUNT(*) AS n FROM journal_entries WHERE org_id = ? AND actor_id = ?',
    [orgId, userId],
  );
  return row?.n ?? 0;
}
