import { z } from 'zod';
import { Email, Id, LocalDate, Position, ShortText, TimeZone } from './kit/values';

/** A circle on the ground: centre in WGS84 degrees, radius in metres. */
export const Circle = z.strictObject({ center: Position, radiusM: z.number().min(10).max(50_000) });
export type Circle = z.infer<typeof Circle>;

/** A closed line on the ground without crossing itself; its last corner joins its first. */
export const Outline = z.strictObject({ corners: z.array(Position).min(3).max(1_000) });
export type Outline = z.infer<typeof Outline>;

export const Fence = z.union([Circle, Outline]);
export type Fence = z.infer<typeof Fence>;

export const Address = z.strictObject({
  line1: ShortText.nullable().default(null),
  line2: ShortText.nullable().default(null),
  city: ShortText.nullable().default(null),
  region: ShortText.nullable().default(null),
  postalCode: z.string().trim().min(1).max(20).nullable().default(null),
});

/** How much of a full-time person; at most two decimals. */
export const Fte = z.number().min(0.01).max(1).multipleOf(0.01);

export const branchStatuses = ['planned', 'active', 'suspended', 'closed'] as const;
export const branchKinds = ['headquarters', 'region', 'branch', 'store', 'warehouse', 'kiosk', 'virtual'] as const;

export const Branch = z.object({
  id: Id,
  parentId: Id.nullable(),
  /** Ids from the root to this branch, `/01…/01…/`. */
  path: z.string(),
  code: z.string(),
  name: ShortText,
  kind: z.enum(branchKinds),
  status: z.enum(branchStatuses),
  /** The zone that counts now. */
  timezone: TimeZone,
  /** The zone that counts from a local date on; days before keep theirs. */
  nextTimezone: z.object({ timezone: TimeZone, from: LocalDate }).nullable(),
  position: Position.nullable(),
  fence: Fence.nullable(),
  address: Address.nullable(),
  country: z.string().nullable(),
  phone: z.string().nullable(),
  email: z.string().nullable(),
  managerId: Id.nullable(),
  capacityHeads: z.number().int().nullable(),
  capacityFte: z.number().nullable(),
  holidayCalendarId: Id.nullable(),
  openedOn: LocalDate.nullable(),
  closedOn: LocalDate.nullable(),
  version: z.number().int(),
});
export type Branch = z.infer<typeof Branch>;

/** What somebody may say of a branch beside its place in the tree. */
export const BranchDetails = z.strictObject({
  name: ShortText,
  kind: Branch.shape.kind,
  timezone: TimeZone,
  fence: Fence.nullable(),
  address: Address.nullable(),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'is two upper case letters')
    .nullable(),
  phone: z.string().trim().min(3).max(40).nullable(),
  email: Email.nullable(),
  managerId: Id.nullable(),
  capacityHeads: z.number().int().min(0).max(1_000_000).nullable(),
  capacityFte: z.number().min(0).max(9_999.99).multipleOf(0.01).nullable(),
  holidayCalendarId: Id.nullable(),
  openedOn: LocalDate.nullable(),
});
