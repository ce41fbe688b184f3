import { journalApi } from '@loro/contracts/journal';
import { sealEntries, verifyChain } from '@loro/contracts/journal-live';
import type { Verification } from '@loro/contracts/journal-proofs';
import type { Person, TestHub } from './test-hub';

/** Chains of the journal under test, and somebody who gets at them with the account of the database. */
export class JournalChains {
  constructor(private readonly hub: TestHub) {}

  readonly seal = (): Promise<void> => this.hub.work(sealEntries.name);

  tell(orgId: string, action: string): Promise<void> {
    const entity = { type: 'client', id: '9001' };
    return this.hub.hub.transact(async (after) =>
      after.record({ action, orgId, entity, before: { amount: '0' }, after: { amount: '1000.00' } }),
    );
  }

  /** An organisation with an admin, whose chain is empty: without what the hub told of the sign-in. */
  async anAdmin(): Promise<Person> {
    const admin = await this.hub.person({ role: 'admin' });
    await this.asIntruder(() => this.hub.sql('DELETE FROM journal_entries WHERE org_id = ?', [admin.orgId]));
    return admin;
  }

  /** The same with this many sealed entries. */
  async aChain(length: number): Promise<Person> {
    const admin = await this.anAdmin();
    for (let n = 1; n <= length; n += 1) await this.tell(admin.orgId, `client.changed-${n}`);
    await this.seal();
    return admin;
  }

  /** Asks for a check and runs it. */
  async verified(admin: Person, from: { fromSeq?: number; fromHash?: string } = {}): Promise<Verification> {
    await this.seal();
    const { id } = await this.hub.api(journalApi, admin).verify(from);
    return this.checked(admin, id);
  }

  async checked(admin: Person, verificationId: string): Promise<Verification> {
    await this.hub.work(verifyChain.name, { orgId: admin.orgId, verificationId });
    return this.hub.api(journalApi, admin).verification({ verificationId });
  }

  edit(admin: Person, seq: number, from: string, to: string): Promise<unknown> {
    return this.hub.sql('UPDATE journal_entries SET data = REPLACE(data, ?, ?) WHERE org_id = ? AND seq = ?', [
      from,
      to,
      admin.orgId,
      seq,
    ]);
  }

  /** Takes the triggers away for as long as `work` takes. */
  async asIntruder(work: () => Promise<unknown>): Promise<void> {
    const { hub } = this;
    const triggers = await hub.sql<{ Trigger: string }>("SHOW TRIGGERS LIKE 'journal_entries'");
    const made: string[] = [];
    for (const { Trigger: name } of triggers) {
      const [row] = await hub.sql<Record<string, string>>(`SHOW CREATE TRIGGER ${name}`);
      made.push(row?.['SQL Original Statement'] ?? '');
      await hub.sql(`DROP TRIGGER ${name}`);
    }
    try {
      await work();
    } finally {
      for (const statement of made) await hub.sql(statement);
    }
  }
}

/** Where a check found what. */
export const breaksOf = ({ breaks }: Verification): (readonly [number, string])[] =>
  breaks.map(({ seq, code }) => [seq, code]);
