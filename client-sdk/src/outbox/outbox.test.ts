import { createLoroHub, type CommandOutcome, type KeyValueStore, type LoroHub } from '../index';
import { FakeHub, problem, until } from '../testing/fake-hub';

let peer: FakeHub;
let hub: LoroHub;
let storage: KeyValueStore & { readonly kept: Map<string, string> };

const place = { position: { lat: 46, lng: 14 } };

function memory(): typeof storage {
  const kept = new Map<string, string>();
  return { kept, get: (key) => kept.get(key) ?? null, set: (key, value) => void kept.set(key, value) };
}
const waitingIn = ({ kept }: typeof storage): { id: string }[] => JSON.parse(kept.get('loro:outbox') ?? '[]');
const signIn = (client: LoroHub) => client.auth.signIn({ email: 'a@b.c', password: 'x' });

beforeEach(async () => {
  peer = await FakeHub.start();
  storage = memory();
  hub = createLoroHub({ url: peer.url, storage });
  await signIn(hub);
});
afterEach(async () => {
  await hub.close();
  await peer.stop();
});

async function live(): Promise<void> {
  hub.checkIns.on('check-in:started', () => {});
  await until(() => hub.status.state === 'live', 'live');
}

/** Takes check-ins over the socket, each id once, and says in which order. */
function takeCheckIns(): string[] {
  const taken: string[] = [];
  peer.calls.set('check-in:start', (_, options) => {
    const { id = '' } = options ?? {};
    if (!taken.includes(id)) taken.push(id);
    return { id };
  });
  return taken;
}

describe('sending commands', () => {
  it('sends them in order, one after the other, and forgets what was answered', async () => {
    const taken = takeCheckIns();
    await live();

    const commands = [1, 2, 3].map(() => hub.outbox.send('checkIns', 'check-in:start', place));
    const results = await Promise.all(commands.map(({ result }) => result));

    expect(taken).toEqual(commands.map(({ id }) => id));
    expect(results.map(({ id }) => id)).toEqual(taken);
    expect(hub.outbox.pending).toEqual([]);
    expect(waitingIn(storage)).toEqual([]);
  });

  it('goes over to HTTP under the same id when the socket is lost before the answer', async () => {
    const ids: (string | undefined)[] = [];
    peer.calls.set('check-in:start', (_, options) => {
      ids.push(options?.id);
      peer.refuse = () => problem(503, 'NODE_OVERLOADED', { retryAfterMs: 60_000 });
      peer.cut();
      return 'never';
    });
    peer.routes.set('POST /check-ins', ({ headers, body }) => {
      ids.push(headers['idempotency-key'] as string);
      return { status: 201, body: { data: body } };
    });
    await live();

    const { id, result } = hub.outbox.send('checkIns', 'check-in:start', place);

    expect(await result).toEqual(place);
    expect(ids).toEqual([id, id]);
  }, 20_000);

  it('tells a refusal, and goes on with what comes after', async () => {
    peer.calls.set('check-in:end', () => {
      throw problem(409, 'CHECK_IN_ENDED');
    });
    const taken = takeCheckIns();
    await live();

    const refused = hub.outbox.send('checkIns', 'check-in:end', { ...place, checkInId: 'C' });
    const good = hub.outbox.send('checkIns', 'check-in:start', place);

    await expect(refused.result).rejects.toMatchObject({ code: 'CHECK_IN_ENDED', status: 409 });
    await good.result;
    expect(taken).toEqual([good.id]);
  });

  it('refuses more than it has room for, and a call that there is not', () => {
    peer.refuse = () => problem(503, 'NODE_OVERLOADED', { retryAfterMs: 60_000 });
    for (let count = 0; count < 100; count++) hub.outbox.send('checkIns', 'check-in:start', place);

    expect(() => hub.outbox.send('checkIns', 'check-in:start', place)).toThrow(
      expect.objectContaining({ code: 'OUTBOX_FULL' }),
    );
    expect(() => hub.outbox.send('checkIns', 'check-in:forget' as 'check-in:start', place)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_CALL' }),
    );
  });
});

describe('waiting for a hub that is not there', () => {
  beforeEach(() => {
    peer.refuse = () => problem(503, 'NODE_OVERLOADED', { retryAfterMs: 20 });
    peer.routes.set('POST /check-ins', () => ({
      status: 503,
      body: problem(503, 'DEPENDENCY_DOWN', { retryAfterMs: 20_000 }),
    }));
  });
  const recover = (): string[] => {
    peer.refuse = () => null;
    return takeCheckIns();
  };

  it('keeps a command over a restart of the app, and sends it under the id that it was given', async () => {
    const { id, kept } = hub.outbox.send('checkIns', 'check-in:start', place);
    await kept;
    await until(() => hub.outbox.pending[0]?.lastError !== null, 'a failed try');
    await hub.close();

    const taken = recover();
    const restarted = createLoroHub({ url: peer.url, storage });
    const outcomes: CommandOutcome[] = [];
    restarted.outbox.onSettled((outcome) => outcomes.push(outcome));
    await signIn(restarted);
    await until(() => outcomes.length > 0, 'the outcome');

    expect(taken).toEqual([id]);
    expect(outcomes).toMatchObject([{ ok: true, command: { id, call: 'check-in:start' }, data: { id } }]);
    expect(waitingIn(storage)).toEqual([]);
    await restarted.close();
  });

  it('shows what waits and why', async () => {
    const seen: (string | undefined)[] = [];
    hub.outbox.onChange(([first]) => seen.push(first?.state));

    hub.outbox.send('checkIns', 'check-in:start', place);
    await until(() => hub.outbox.pending[0]?.lastError !== null, 'a failed try');

    expect(hub.outbox.pending).toMatchObject([
      { module: 'checkIns', state: 'waiting', lastError: { code: 'DEPENDENCY_DOWN' } },
    ]);
    expect(seen).toContain('sending');
  });

  it('gives up a command whose time has run out', async () => {
    const { result } = hub.outbox.send('checkIns', 'check-in:start', place, { ttlMs: 50 });

    await expect(result).rejects.toMatchObject({ code: 'EXPIRED' });

    expect(waitingIn(storage)).toEqual([]);
  });

  it('never sends a command in the name of somebody who signed in later', async () => {
    const { kept } = hub.outbox.send('checkIns', 'check-in:start', place);
    await kept;
    await until(() => waitingIn(storage).length === 1 && hub.outbox.pending[0]?.lastError !== null, 'a failed try');
    await hub.close();
    const taken = recover();
    peer.routes.set('GET /auth/me', () => ({ body: { data: { user: { id: 'OTHER' }, organisation: { id: 'ORG' } } } }));

    peer.sessionId = 'of somebody else';
    const other = createLoroHub({ url: peer.url, storage });
    const outcomes: CommandOutcome[] = [];
    other.outbox.onSettled((outcome) => outcomes.push(outcome));
    await signIn(other);
    await until(() => outcomes.length > 0, 'the outcome');

    expect(outcomes).toMatchObject([{ ok: false, error: { code: 'SIGNED_OUT' } }]);
    expect(taken).toEqual([]);
    await other.close();
  });

  it('takes back what was not sent when its person signs out', async () => {
    const { result } = hub.outbox.send('checkIns', 'check-in:start', place);
    await until(() => hub.outbox.pending[0]?.lastError !== null, 'a failed try');

    await hub.auth.signOut();

    await expect(result).rejects.toMatchObject({ code: 'SIGNED_OUT' });
    expect(waitingIn(storage)).toEqual([]);
  });

  it('lets a command be taken back before it left', async () => {
    const first = hub.outbox.send('checkIns', 'check-in:start', place);
    const second = hub.outbox.send('checkIns', 'check-in:start', place);
    await until(() => hub.outbox.pending[0]?.lastError !== null, 'a failed try');

    expect(await hub.outbox.cancel(second.id)).toBe(true);
    await expect(second.result).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await hub.outbox.cancel(first.id)).toBe(false);
  });
});
