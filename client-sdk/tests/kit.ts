import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLoroHub, type LoroHub, type LoroHubOptions } from '@loro/client';
import type { Person, TestHub } from '../../server/testing/test-hub';

const ROOT = join(__dirname, '../..');

export const folder = (): string => mkdtempSync(join(tmpdir(), 'loro-sdk-'));

/** Clients of one test file, closed after each test. */
export function clients(hub: TestHub) {
  const open: LoroHub[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.close()));
  });
  return async (person: Person, options: Partial<LoroHubOptions> = {}): Promise<LoroHub> => {
    const client = createLoroHub({ url: hub.url, ...options });
    open.push(client);
    await client.auth.signIn({ email: person.email, password: person.password });
    return client;
  };
}

/** Metres a degree of latitude has on the sphere that the hub measures on. */
export const METRES_PER_DEGREE = 111_194.926_644_559;

export interface Walk {
  /** Points of each segment; a point lies `stepM` north of the one before. */
  readonly segments: readonly number[];
  readonly stepM: number;
  readonly lng?: number;
  /** Without it the points have no time. */
  readonly startsAt?: string;
}

/** A walk as a GPX file, ten seconds from point to point. */
export function gpxOf({ segments, stepM, lng = 14.5, startsAt }: Walk): string {
  let index = 0;
  const point = (): string => {
    const lat = 46 + (index * stepM) / METRES_PER_DEGREE;
    const at = startsAt === undefined ? '' : new Date(Date.parse(startsAt) + index * 10_000).toISOString();
    index += 1;
    return `<trkpt lat="${lat.toFixed(9)}" lon="${lng}"><ele>300.5</ele>${at && `<time>${at}</time>`}</trkpt>`;
  };
  const lines = segments.map((count) => `<trkseg>${Array.from({ length: count }, point).join('\n')}</trkseg>`);
  return `<?xml version="1.0"?>\n<gpx xmlns="http://www.topografix.com/GPX/1/1"><trk>${lines.join('\n')}</trk></gpx>\n`;
}

export interface Run {
  readonly output: () => string;
  readonly ended: Promise<number | null>;
  readonly child: ChildProcess;
}

/** Starts an example as a person would. */
export function run(example: string, args: readonly string[]): Run {
  const file = join(ROOT, 'client-sdk/examples', example);
  const command = example.endsWith('.ts') ? ['--import', 'tsx', '--conditions', 'source', file] : [file];
  const child = spawn(process.execPath, [...command, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (text += bytes.toString()));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, ended, output: () => text };
}
