// Listens to a hub with nothing but `fetch` and a stock socket.io-client: what any other language needs to do as well.
//
//   node client-sdk/examples/listen.mjs --user <e-mail> --password <text> [--url http://localhost:3000] [--branch <id>]
//
// Prints a line of JSON for every event. Events of a stream are numbered without gaps; after a lost connection it asks
// for what follows the last number that it printed, so that nothing is missed and nothing is printed twice.
import { parseArgs } from 'node:util';
import { io } from 'socket.io-client';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://localhost:3000' },
    user: { type: 'string' },
    password: { type: 'string' },
    branch: { type: 'string' },
  },
});
const hub = values.url.replace(/\/$/, '');
const say = (event, data, more = {}) => process.stdout.write(`${JSON.stringify({ event, ...more, data })}\n`);

// Whoever reads on may have seen enough, as `head` does.
process.stdout.on('error', () => process.exit(0));

let session = null;
/** The stream's name → where it stands: `{ epoch, n }`. */
const positions = new Map();

async function rest(method, path, body) {
  const response = await fetch(`${hub}/api/v1${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(session && { authorization: `Bearer ${session.accessToken}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  // A refusal is a problem object (RFC 9457): `code` is for programs, `detail` for people.
  if (!response.ok) throw Object.assign(new Error(`${answer.detail} (${answer.code})`), answer);
  return answer;
}

async function signIn() {
  const { data } = await rest('POST', '/auth/login', { email: values.user, password: values.password });
  if (data.status !== 'signed-in')
    throw new Error('this address belongs to several organisations: name one at sign-in');
  session = data;
}

async function renew() {
  const { data } = await rest('POST', '/auth/refresh', { refreshToken: session.refreshToken });
  session = data;
}

function follow(namespace, streams) {
  // `auth` is asked at every connect, so that a reconnect has the newest token.
  const socket = io(hub + namespace, {
    transports: ['websocket'],
    auth: (give) => give({ token: session.accessToken, client: 'listen.mjs', protocol: 1 }),
    reconnectionDelayMax: 30_000,
  });
  /** Streams that were asked for and not answered yet, and those of them whose events ran ahead meanwhile. */
  const asking = new Set();
  const ahead = new Set();

  async function call(name, input) {
    const reply = await socket.timeout(10_000).emitWithAck(name, input);
    if (!reply.ok) throw Object.assign(new Error(reply.error.detail), reply.error);
    return reply.data;
  }

  /** Joins streams, and catches up with what came after their positions. */
  async function ask(names) {
    const fresh = names.filter((stream) => !asking.has(stream));
    if (fresh.length === 0) return;
    for (const stream of fresh) asking.add(stream);
    try {
      const asked = fresh.map((stream) => ({ stream, after: positions.get(stream) }));
      const answer = await call('stream:subscribe', { streams: asked });
      for (const stream of fresh) asking.delete(stream);
      for (const row of answer.streams) take(row);
      // Long absences are answered in parts.
      await ask(answer.streams.filter(({ stream, more }) => more || ahead.delete(stream)).map(({ stream }) => stream));
    } catch (error) {
      for (const stream of fresh) asking.delete(stream);
      say('subscribe:failed', error.message);
      // A new connection asks for everything by itself.
      if (socket.connected) setTimeout(() => void ask(fresh), error.retryAfterMs ?? 1_000);
    }
  }

  function take({ stream, epoch, n, recovered, events, more, error }) {
    if (error) return say('stream:refused', error.code, { stream });
    const last = positions.get(stream);
    if (last && recovered === false) {
      // What is missing cannot be had: load the list over REST again, and go on from here.
      say('stream:reset', { epoch, n }, { stream });
      return positions.set(stream, { epoch, n });
    }
    for (const packet of events) hear(...packet);
    // A stream of newest values has no numbers, and needs none.
    if (epoch !== undefined && !more && !positions.has(stream)) positions.set(stream, { epoch, n });
    return undefined;
  }

  function hear(event, data, { stream, epoch, n }) {
    if (n === undefined) {
      say(event, data, { stream });
      return;
    }
    const last = positions.get(stream);
    if (last?.epoch === epoch && n <= last.n) return;
    if (last && (last.epoch !== epoch || n > last.n + 1)) {
      // One is missing before it: both come with the answer.
      if (asking.has(stream)) ahead.add(stream);
      else void ask([stream]);
      return;
    }
    positions.set(stream, { epoch, n });
    say(event, data, { stream, n });
  }

  async function refresh() {
    try {
      await renewOnce();
      await call('session:refresh', { token: session.accessToken });
    } catch (error) {
      say('refresh:failed', error.message);
    }
  }

  async function connectAgain({ status, retryAfterMs = 1_000 + Math.random() * 4_000 }) {
    try {
      if (status === 401) await renewOnce();
      setTimeout(() => socket.connect(), retryAfterMs);
    } catch (error) {
      say('session:over', error.message);
      process.exit(1);
    }
  }

  socket.onAny((event, data, meta) => {
    if (meta?.stream) hear(event, data, meta);
  });
  socket.on('session:ready', () => {
    say('connected', namespace);
    void ask(streams);
  });
  socket.on('stream:head', ({ stream, epoch, n }) => {
    const last = positions.get(stream);
    if (last && (last.epoch !== epoch || last.n < n)) void ask([stream]);
  });
  socket.on('stream:ended', ({ stream, code }) => say('stream:ended', code, { stream }));
  socket.on('session:expiring', () => void refresh());
  socket.on('disconnect', (reason) => say('disconnected', reason, { namespace }));
  socket.on('connect_error', (error) => {
    say('connect:failed', error.data?.code ?? error.message, { namespace });
    // A stock client tries again after a broken connection, but not after a refused one.
    if (!socket.active) void connectAgain(error.data ?? {});
  });
}

/** Both namespaces ask at about the same time, and a refresh token is good for one use. */
let renewing = null;
function renewOnce() {
  renewing ??= renew().finally(() => {
    renewing = null;
  });
  return renewing;
}

try {
  await signIn();
  const { data: me } = await rest('GET', '/auth/me');
  const { data: branches } = await rest('GET', '/branches?limit=50');
  const ids = values.branch ? [values.branch] : branches.map(({ id }) => id);
  const streams = (kind) => ids.map((id) => `${me.organisation.id}:${kind}:${id}`);
  follow('/check-ins', streams('branch'));
  follow('/tracking', [...streams('yard'), ...streams('fleet')]);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
