import { hubApi } from '@loro/contracts/hub';
import { authApi } from '@loro/contracts/auth';
import { ticketsApi } from '@loro/contracts/tickets';
import { Listener } from '../../testing/listener';
import { testHub } from '../../testing/test-hub';

const hub = testHub();
const refusal = (ready: Promise<unknown>) =>
  ready.then(
    () => 'was let in',
    (error: { data?: { code: string } }) => error.data?.code,
  );

describe('a ticket for a socket', () => {
  it('opens one connection as the person who asked for it, and no second', async () => {
    const person = await hub.person();
    const { ticket, expiresAt } = await hub.api(ticketsApi, person).issue();

    const listener = new Listener(hub.url, '/notifications', ticket);
    const { streams } = await listener.ready;
    const second = new Listener(hub.url, '/notifications', ticket);
    const refused = await refusal(second.ready);
    for (const each of [listener, second]) each.close();

    expect(ticket).toMatch(/^tkt_[\w-]{32}$/);
    expect(Date.parse(expiresAt) - hub.clock.now().getTime()).toBeLessThanOrEqual(60_000);
    expect(streams.map(({ stream }) => stream)).toContain(`${person.orgId}:user:${person.userId}`);
    expect(refused).toBe('UNAUTHENTICATED');
  });

  it('is worth nothing once its minute is over', async () => {
    const { ticket } = await hub.api(ticketsApi, await hub.person()).issue();

    hub.clock.advance(61_000);
    const listener = new Listener(hub.url, '/notifications', ticket);

    expect(await refusal(listener.ready)).toBe('UNAUTHENTICATED');
    listener.close();
  });

  it('ends with the session that it was bought with', async () => {
    const person = await hub.person();
    const { ticket } = await hub.api(ticketsApi, person).issue();
    await hub.api(authApi, person).signOut();
    await hub.hub.changes.read();

    const listener = new Listener(hub.url, '/notifications', ticket);

    expect(await refusal(listener.ready)).toBe('SESSION_REVOKED');
    listener.close();
  });

  it('is no access token, and cannot be had without one', async () => {
    const { ticket } = await hub.api(ticketsApi, await hub.person()).issue();

    await expect(hub.api(authApi, { token: ticket }).me()).rejects.toMatchObject({ status: 401 });
    await expect(hub.api(ticketsApi).issue()).rejects.toMatchObject({ status: 401 });
    expect(await hub.api(hubApi, { token: ticket }).about()).toMatchObject({ name: 'Loro Hub' });
  });
});
