import { parseArgs } from 'node:util';
import type { FleetMember, LoroHub } from '@loro/client';
import { Screen } from './screen';
import { inWords, signedIn } from './sign-in';

const usage = `Shows a fleet in the terminal, live: who, in which state, where, and how old that is.

  npm run fleet -- --user <e-mail> [options]

  --user <e-mail>      who looks; they see what they may see
  --password <text>    or LORO_PASSWORD; a demo hub needs neither
  --url <url>          the hub, http://localhost:3000 by default
  --branch <code>      one branch, by its code, name or id; all of them by default
`;

const MOVING_MPS = 1;
const DRAW_MS = 1_000;

const screen = new Screen();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      user: { type: 'string' },
      password: { type: 'string' },
      url: { type: 'string', default: 'http://localhost:3000' },
      branch: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return screen.say(usage);
  if (values.user === undefined) throw new Error(`Say with --user who looks.\n\n${usage}`);
  const { url, user, password } = values;
  const hub = await signedIn({ url, user, password, deviceName: 'Terminal' });
  const names = await branchesOf(hub, values.branch);
  const fleet = hub.tracking.fleet([...names.keys()]);
  await fleet.ready;

  const draw = (): void => {
    const members = [...fleet.members.values()].toSorted((a, b) => a.trackable.name.localeCompare(b.trackable.name));
    const rows = members.map((member) => rowOf(member, names, Date.now() + hub.time()));
    const { state } = hub.status;
    screen.page([
      `${members.length} tracked, connection ${state}, ${clock(Date.now() + hub.time())}`,
      '',
      ...table(rows),
    ]);
  };
  draw();
  if (process.stdout.isTTY) setInterval(draw, DRAW_MS);
  else {
    // A log is read afterwards: a line for every change says more than the same table every second.
    const tell = (ids: readonly string[]): void => {
      for (const id of ids) {
        const member = fleet.members.get(id);
        if (member) screen.say(rowOf(member, names, Date.now() + hub.time()).join('  '));
      }
    };
    fleet.on('moved', tell);
    fleet.on('changed', tell);
  }
  process.once('SIGINT', () => {
    fleet.close();
    void hub.close().then(() => process.exit(0));
  });
}

/** The names of the branches to look at, by their ids. */
async function branchesOf(hub: LoroHub, wanted: string | undefined): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for await (const { data } of hub.branches.pages('list', { limit: 200 })) {
    for (const { id, code, name } of data) {
      if (wanted === undefined || [id, code, name].includes(wanted)) names.set(id, name);
    }
  }
  if (names.size > 0) return names;
  throw new Error(wanted === undefined ? 'You may see no branch.' : `You see no branch that is called “${wanted}”.`);
}

const HEAD = ['NAME', 'BRANCH', 'STATE', 'POSITION', 'AGE'];

function rowOf({ trackable, position }: FleetMember, branches: ReadonlyMap<string, string>, nowMs: number): string[] {
  const branch = branches.get(trackable.branchId) ?? '';
  if (!position) return [trackable.name, branch, 'never seen', '', ''];
  const { lat, lng, speed, at } = position;
  const isMoving = speed !== null && speed >= MOVING_MPS;
  const state = isMoving ? `${Math.round(speed * 3.6)} km/h` : 'still';
  const place = `${lat.toFixed(5)}, ${lng.toFixed(5)}`;
  return [trackable.name, branch, trackable.lostAt === null ? state : 'lost', place, ageOf(nowMs - at)];
}

function ageOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}

function table(rows: readonly string[][]): string[] {
  const all = [HEAD, ...rows];
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const clock = (ms: number): string => `${new Date(ms).toISOString().slice(11, 19)} UTC`;

main().catch((error: unknown) => {
  screen.say(inWords(error));
  process.exit(1);
});
