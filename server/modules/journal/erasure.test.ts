import { journalApi } from '@loro/contracts/journal';
import { peopleApi } from '@loro/contracts/people';
import { testHub } from '../../testing/test-hub';

const hub = testHub();

/** Somebody whose phone stands in the journal, and who asked to be forgotten. */
async function aRequest() {
  const owner = await hub.person({ role: 'owner' });
  const hr = await hub.person({ role: 'hr', beside: owner });
  const staff = await hub.person({ beside: owner });
  const entity = { type: 'user', id: staff.userId };
  await hub.hub.transact(async (after) =>
    after.record({ action: 'user.seen', orgId: owner.orgId, entity, data: { phone: '+27 82' }, personal: ['phone'] }),
  );
  const { id: erasureId } = await hub.api(peopleApi, staff).requestErasure({ reason: 'I left' });
  const phone = async () => {
    const { data } = await hub.api(journalApi, owner).list({ action: 'user.seen' });
    return data[0]?.data['phone'];
  };
  return { owner, hr, entity, erasureId, phone };
}

describe('a person who is forgotten', () => {
  it('is forgotten by the journal in the same moment', async () => {
    const { owner, hr, entity, erasureId, phone } = await aRequest();
    const before = await phone();

    await hub.api(peopleApi, hr).approveErasure({ erasureId });

    expect(before).toMatchObject({ value: '+27 82' });
    expect(await phone()).toMatchObject({ value: '[erased]' });
    const keys = await hub.sql<{ wrapped_key: Buffer | null }>(
      'SELECT wrapped_key FROM journal_pii_keys WHERE org_id = ? AND subject_id = ?',
      [owner.orgId, entity.id],
    );
    expect(keys).toEqual([{ wrapped_key: null }]);
  });

  it('is not forgotten while a legal hold stands', async () => {
    const { owner, hr, entity, erasureId, phone } = await aRequest();
    await hub.api(journalApi, owner).hold({ subject: entity, reason: 'Case' });

    await expect(hub.api(peopleApi, hr).approveErasure({ erasureId })).rejects.toMatchObject({
      code: 'JOURNAL_LEGAL_HOLD',
    });

    expect(await phone()).toMatchObject({ value: '+27 82' });
  });
});
