import { accessApi } from '@loro/contracts/access';
import { anOwner } from '../../testing/licenses';
import { outcome } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
const api = (person: Person) => hub.api(accessApi, person);
const dueAt = () => new Date(hub.clock.now().getTime() + 86_400_000).toISOString();
const begun = (person: Person) => api(person).beginReview({ title: 'Autumn', dueAt: dueAt() });
const itemOf = async (by: Person, reviewId: string, { userId }: Person) => {
  const { data } = await api(by).reviewItems({ reviewId });
  const item = data.find((one) => one.userId === userId);
  if (!item) throw new Error('this person is not in the review');
  return item;
};

async function company() {
  const owner = await anOwner(hub);
  const admin = await hub.person({ role: 'admin', beside: owner });
  const manager = await hub.person({ role: 'manager', beside: owner });
  const auditor = await hub.person({ role: 'auditor', beside: owner });
  return { owner, admin, manager, auditor };
}

describe('going through who holds which role', () => {
  it('lists every role that counts when it begins, and is read by the auditor', async () => {
    const { owner, admin, manager, auditor } = await company();

    const review = await begun(owner);

    expect(review).toMatchObject({ state: 'open', items: 4, decided: 0, revoked: 0 });
    const { data } = await api(auditor).reviewItems({ reviewId: review.id });
    expect(new Set(data.map(({ userId, role }) => `${userId} ${role}`))).toEqual(
      new Set([
        `${owner.userId} owner`,
        `${admin.userId} admin`,
        `${manager.userId} manager`,
        `${auditor.userId} auditor`,
      ]),
    );
  });

  it('confirms roles and takes them, at once and before the eyes of the journal', async () => {
    const { owner, manager, auditor } = await company();
    const { id: reviewId } = await begun(owner);
    const [keep, take] = [await itemOf(owner, reviewId, auditor), await itemOf(owner, reviewId, manager)];

    await api(owner).decideItem({ reviewId, itemId: keep.id, decision: 'keep', note: 'still needed' });
    await api(owner).decideItem({ reviewId, itemId: take.id, decision: 'revoke' });

    expect((await api(owner).rolesOf({ userId: manager.userId })).roles).toEqual([]);
    expect((await api(owner).rolesOf({ userId: auditor.userId })).roles).toHaveLength(1);
    expect(await api(owner).review({ reviewId })).toMatchObject({ decided: 2, revoked: 1 });
    expect((await api(owner).reviewItems({ reviewId, open: 'true' })).data).toHaveLength(2);
    const told = await hub.sql<{ action: string }>(
      "SELECT action FROM journal_entries WHERE org_id = ? AND action LIKE 'access-review.%' ORDER BY id",
      [owner.orgId],
    );
    expect(told.map(({ action }) => action)).toEqual([
      'access-review.begun',
      'access-review.kept',
      'access-review.revoked',
    ]);
  });

  it('is decided once, whatever two administrators do at once, and by nobody about himself', async () => {
    const { owner, admin, manager } = await company();
    const { id: reviewId } = await begun(owner);
    const { id: itemId } = await itemOf(owner, reviewId, manager);

    const both = await Promise.all(
      [owner, admin].map((by) => outcome(api(by).decideItem({ reviewId, itemId, decision: 'keep' }))),
    );
    expect(both.map(({ code }) => code).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'ITEM_DECIDED',
      'let through',
    ]);
    const own = await itemOf(owner, reviewId, admin);
    expect(await outcome(api(admin).decideItem({ reviewId, itemId: own.id, decision: 'keep' }))).toMatchObject({
      status: 403,
    });
  });

  it('takes on closing what nobody decided about where that is wished, but neither the owner’s nor one’s own', async () => {
    const { owner, admin, manager, auditor } = await company();
    const { id: reviewId } = await begun(owner);

    const closed = await api(admin).closeReview({ reviewId, revokeUndecided: true });

    expect(closed).toMatchObject({ state: 'closed', items: 4, revoked: 2, closedBy: admin.userId });
    for (const person of [manager, auditor])
      expect((await api(owner).rolesOf({ userId: person.userId })).roles).toEqual([]);
    for (const person of [owner, admin])
      expect((await api(owner).rolesOf({ userId: person.userId })).roles).toHaveLength(1);
    const { id: itemId } = await itemOf(owner, reviewId, admin);
    expect(await outcome(api(owner).decideItem({ reviewId, itemId, decision: 'keep' }))).toMatchObject({
      code: 'REVIEW_CLOSED',
    });
    expect(await outcome(api(owner).closeReview({ reviewId }))).toMatchObject({ code: 'REVIEW_CLOSED' });
  });

  it('is one at a time, not for staff, and nobody else’s', async () => {
    const { owner, manager } = await company();
    const stranger = await hub.person({ role: 'admin' });
    const { id: reviewId } = await begun(owner);

    expect(await outcome(begun(owner))).toMatchObject({ code: 'REVIEW_OPEN' });
    expect(await outcome(begun(manager))).toMatchObject({ status: 403 });
    expect(await outcome(api(stranger).review({ reviewId }))).toMatchObject({ status: 404 });
    expect(await outcome(api(stranger).closeReview({ reviewId }))).toMatchObject({ status: 404 });
    expect(await outcome(api(owner).beginReview({ title: 'x', dueAt: '2020-01-01T00:00:00Z' }))).toMatchObject({
      status: 422,
    });
  });
});
