import { z } from 'zod';
import { act, get, put } from './kit/api';
import { Id, Latitude, Longitude, Position, TimeZone } from './kit/values';
import { Branch, Fence } from './branches-values';

export const BranchLocation = z.strictObject({
  position: Position.nullable(),
  /** Left out: stays as it is. */
  fence: Fence.nullable().optional(),
  timezone: TimeZone.optional(),
  /** Says yes to a place more than a kilometre away from the one known. */
  confirm: z.boolean().default(false),
});

/** Answers whether a reading lies inside, and how sure that is. */
export const FenceTest = z.strictObject({
  position: Position,
  /** 68 % radius in metres, as phones report it. */
  accuracyM: z.number().min(0).max(100_000).default(5),
});

export const FenceVerdict = z.object({
  branchId: Id,
  code: z.string(),
  /** Metres to the border, positive inside. */
  signedDistanceM: z.number(),
  insideProbability: z.number().min(0).max(1),
});
export type FenceVerdict = z.infer<typeof FenceVerdict>;

export const MapBranch = Branch.pick({ id: true, code: true, name: true, kind: true, status: true }).extend({
  position: Position,
  members: z.number().int(),
});

/** West, south, east, north in degrees; a west beyond the east crosses the antimeridian. */
const Bbox = z
  .string()
  .transform((text) => text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part))))
  .pipe(z.tuple([Longitude, Latitude, Longitude, Latitude]))
  .refine(([, south, , north]) => south <= north, { error: 'has its south above its north' });

export const DistributionCell = z.object({
  /** An H3 cell. */
  cell: z.string(),
  center: Position,
  people: z.number().int(),
  branches: z.number().int(),
});

const read = { permission: 'branches.read', apiKey: true } as const;

export const placeRows = {
  setLocation: put('/branches/:branchId/location', {
    permission: 'branches.update',
    body: BranchLocation,
    returns: Branch,
    versioned: true,
    errors: ['LOCATION_MOVES_FAR'],
    summary: 'Say where a branch is, and where its fence runs',
  }),
  testFences: act('/branches/fence-test', {
    ...read,
    body: FenceTest,
    returns: z.object({ fences: z.array(FenceVerdict) }),
    summary: 'In which fences a reading lies, the surest first',
  }),
  map: get('/branches/map', {
    ...read,
    query: z.strictObject({ bbox: Bbox }),
    returns: z.object({ branches: z.array(MapBranch), isCut: z.boolean() }),
    summary: 'Branches inside a box, `bbox=west,south,east,north`, a thousand at most',
  }),
  nearest: get('/branches/nearest', {
    ...read,
    query: z.strictObject({
      lat: z.coerce.number().pipe(Latitude),
      lng: z.coerce.number().pipe(Longitude),
      limit: z.coerce.number().int().min(1).max(50).default(5),
    }),
    returns: z.object({ branches: z.array(z.object({ branch: Branch, distanceM: z.number() })) }),
    summary: 'Active branches by distance, ties by code',
  }),
  distribution: get('/branches/distribution', {
    permission: 'branches.read-metrics',
    query: z.strictObject({ res: z.coerce.number().int().min(0).max(9).default(5) }),
    returns: z.object({
      resolution: z.number().int(),
      cells: z.array(DistributionCell),
      /** Cells with fewer than three people. */
      hiddenCells: z.number().int(),
    }),
    summary: 'How many people belong to branches of each H3 cell; cells with fewer than three are hidden',
  }),
};
