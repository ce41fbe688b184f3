import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type LoroHub, type Recorder, ulid } from '@loro/client';
import { fileFixes } from '@loro/client/node';
import { BadFile, readGpx, type TrackPoint } from './gpx';
import { Line } from './line';
import { Bookmark, stableId } from './playback';
import { BadOption, type PhoneOptions, readOptions, usage } from './phone-options';
import { inWords, signedIn } from './sign-in';
import { Screen } from './screen';
import { type TimedPoint, withTimes } from './times';

const screen = new Screen();

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') return screen.say(usage);
  const bytes = await readFile(options.file);
  const found = readGpx(bytes);
  const segments = new Set(found.map(({ segment }) => segment)).size;
  if (found.length === 0) return screen.say(`${options.file} holds no track point: there is nothing to play.`);
  screen.say(`${options.file}: ${found.length} points in ${segments} segment${segments === 1 ? '' : 's'}`);
  const points = withTimes(found, startOf(found, options, (await stat(options.file)).mtimeMs));
  tellOfMissingTimes(found, points, options);

  const line = options.cuts > 0 ? await Line.open(options.url) : null;
  const hub = await signedIn({ ...options, url: line?.url ?? options.url, deviceName: 'GPX phone' });
  hub.onStatus(({ state, reason }) => {
    if (state === 'waiting') screen.say(`the connection is lost (${reason ?? 'no reason given'}), trying again`);
    if (state === 'live') screen.say('connected');
  });
  try {
    await play({ hub, line, points, bytes, options });
  } finally {
    await hub.close();
    line?.close();
  }
}

interface Playback {
  readonly hub: LoroHub;
  readonly line: Line | null;
  readonly points: readonly TimedPoint[];
  readonly bytes: Uint8Array;
  readonly options: PhoneOptions;
}

async function play({ hub, line, points, bytes, options }: Playback): Promise<void> {
  const { user } = await hub.auth.me();
  const device = stableId('device', user.id);
  // The same points under the same ids are stored once. Stamped with the time of sending they are others every time.
  const times = points[0]?.at ?? '';
  const boot = options.asNow ? ulid() : stableId('boot', user.id, bytes, times);
  const bookmark = new Bookmark(join(options.buffer, `${boot}.taken`));
  const taken = options.asNow ? 0 : Math.min(await bookmark.read(), points.length);
  if (taken > 0) screen.say(`going on after point ${taken}, where an earlier playback was stopped`);

  // What waits for one hub must not go to another.
  const storage = fileFixes(join(options.buffer, `${stableId(device, new URL(options.url).href)}.jsonl`));
  const kept = await storage.count();
  if (kept > 0) screen.say(`${kept} points of an earlier playback wait in the buffer and go first`);
  const batch = line ? Math.max(1, Math.min(100, Math.floor(points.length / (options.cuts * 2 + 2)))) : 100;
  const recorder = hub.tracking.recorder({ storage, device, boot, from: taken + 1, batch, intervalMs: 200 });
  const count = new Count(recorder, points.length - taken + kept, line, options.cuts);

  const stop = (): void => {
    screen.say(`stopped; ${recorder.pending} points wait in ${options.buffer}. Play the file again to go on.`);
    process.exit(130);
  };
  process.once('SIGINT', stop);
  let lastMs = 0;
  const nowAt = (): string => {
    // What is known of the hub's clock gets better with the first connection, and may step back by that.
    lastMs = Math.max(lastMs + 1, Math.round(Date.now() + hub.time()));
    return new Date(lastMs).toISOString();
  };
  for await (const [index, point] of paced(points, taken, options.speed)) {
    const { segment, lat, lng, accuracy, altitude, speed, heading } = point;
    const at = options.asNow ? nowAt() : point.at;
    await recorder.report({ at, segment, lat, lng, accuracy, altitude, speed, heading });
    await bookmark.write(index + 1);
    count.show();
  }
  await recorder.flush();
  await bookmark.remove();
  process.off('SIGINT', stop);
  const earlier = taken > 0 ? `, ${taken} taken by the earlier playback` : '';
  const cuts = line ? `, ${line.cuts} cuts` : '';
  screen.progress('');
  screen.say(`done: ${points.length} points, ${count.acked} acked, ${count.rejected} rejected${earlier}${cuts}`);
}

/** Hands out the points when they are due; a playback that goes on does not wait for what it had played. */
async function* paced(
  points: readonly TimedPoint[],
  from: number,
  speed: number,
): AsyncGenerator<readonly [number, TimedPoint], void, undefined> {
  const began = Date.now();
  let before = points[from];
  let dueMs = 0;
  for (const [index, point] of points.entries()) {
    if (index < from || !before) continue;
    // Recorders put back their clock now and then.
    dueMs += Math.max(0, Date.parse(point.at) - Date.parse(before.at)) / speed;
    before = point;
    const waitMs = began + dueMs - Date.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    yield [index, point];
  }
}

/** What the hub has answered so far; cuts the line where that is wished. */
class Count {
  acked = 0;
  rejected = 0;
  private planned = 0;

  constructor(
    private readonly recorder: Recorder,
    private readonly total: number,
    line: Line | null,
    cuts: number,
  ) {
    recorder.onRejected(({ fix, errors }) => {
      this.rejected += 1;
      screen.say(`point ${fix.n} was rejected: ${errors.map(({ path, message }) => `${path} ${message}`).join('; ')}`);
    });
    recorder.onRefused((error) => screen.say(`the hub takes no points: ${inWords(error)}`));
    let answered = 0;
    recorder.onSent(({ fixes }) => {
      answered += fixes;
      this.acked = answered - this.rejected;
      this.show();
      if (line && this.planned < cuts && answered >= (total * (this.planned + 1)) / (cuts + 2)) {
        this.planned += 1;
        line.cutAfterNext();
      }
    });
  }

  show(): void {
    const { pending } = this.recorder;
    screen.progress(`${this.acked} of ${this.total} acked, ${pending} waiting, ${this.rejected} rejected`);
  }
}

function startOf(points: readonly TrackPoint[], { start }: PhoneOptions, writtenMs: number): number {
  return start === undefined ? Math.trunc(writtenMs) - points.length * 1_000 : Date.parse(start);
}

function tellOfMissingTimes(
  found: readonly TrackPoint[],
  points: readonly TimedPoint[],
  { asNow }: PhoneOptions,
): void {
  const missing = found.filter(({ at }) => at === null).length;
  if (missing === 0 || asNow) return;
  const from = `from ${points[0]?.at ?? ''} on`;
  if (missing === found.length) screen.say(`no point has a time: they are set a second apart ${from}`);
  else screen.say(`${missing} points have no time: they are set between their neighbours, else a second apart`);
}

main().catch((error: unknown) => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const isUsage = error instanceof BadOption || code.startsWith('ERR_PARSE_ARGS');
  if (isUsage) screen.say(`${inWords(error)}\n\n${usage}`);
  else if (error instanceof BadFile) screen.say(`This file cannot be played. ${error.message}`);
  else if (code === 'ENOENT') screen.say(`There is no such file. ${inWords(error)}`);
  else screen.say(inWords(error));
  process.exit(1);
});
