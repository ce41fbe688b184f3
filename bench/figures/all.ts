import { access } from './access';
import { attendance } from './attendance';
import { fanOut } from './fan-out';
import { fences } from './fences';
import { fleet } from './fleet';
import type { Group } from './group';
import { handshakes } from './handshakes';
import { ingest } from './ingest';
import { journal } from './journal';
import { latency } from './latency';
import { memory } from './memory';
import { rest } from './rest';
import { tracks } from './tracks';

export const groups: readonly Group[] = [
  fanOut,
  fleet,
  latency,
  ingest,
  memory,
  handshakes,
  rest,
  journal,
  access,
  fences,
  attendance,
  tracks,
];

/** `F4 p50` and `F4 p99` are both asked for as F4. */
export const figureOf = (rowId: string): string => rowId.split(' ')[0] ?? rowId;

export const figures: readonly string[] = [
  ...new Set(groups.flatMap(({ rows }) => rows.map(({ id }) => figureOf(id)))),
];
