import { checkInsApi } from '@loro/contracts/check-ins';
import { AT_BORDER, checkIn, later, officeWorker } from '../../testing/check-in-people';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
const api = (person: Person) => hub.api(checkInsApi, person);

describe('records', () => {
  it('are listed by person, time, type and state, as far as one may see', async () => {
    const worker = await officeWorker(hub);
    const colleague = await officeWorker(hub, 'staff', worker);
    const manager = await officeWorker(hub, 'manager', worker);
    const stranger = await officeWorker(hub, 'owner');
    const { id } = await api(worker).record(checkIn());
    await api(colleague).record(checkIn({ position: AT_BORDER }));

    const seen = async (who: Person, query: object = {}) =>
      (await api(who).records(query)).data.map(({ userId }) => userId);

    expect(await seen(worker)).toEqual([worker.userId]);
    expect(await seen(manager)).toEqual([colleague.userId, worker.userId]);
    expect(await seen(manager, { status: 'flagged' })).toEqual([colleague.userId]);
    expect(await seen(manager, { to: new Date(0).toISOString() })).toEqual([]);
    expect(await seen(stranger)).toEqual([]);
    for (const who of [stranger, colleague])
      await expect(api(who).recorded({ recordId: id })).rejects.toMatchObject({ status: 404 });
  });

  it('say what they were about; the person may say otherwise for a day', async () => {
    const worker = await officeWorker(hub);
    const { id } = await api(worker).record(checkIn());
    expect(await api(worker).recorded({ recordId: id })).toMatchObject({ category: null, suggestedCategory: 'office' });

    const changed = await api(worker).categorise({ checkInId: id, category: 'Stocktaking' });
    await later(hub, 86_400_001, worker);

    expect(changed.category).toBe('Stocktaking');
    await expect(api(worker).categorise({ checkInId: id, category: 'Other' })).rejects.toMatchObject({
      code: 'TOO_LATE',
    });
    const other = await officeWorker(hub, 'staff', worker);
    await expect(api(other).categorise({ checkInId: id, category: 'x' })).rejects.toMatchObject({ status: 404 });
  });
});
