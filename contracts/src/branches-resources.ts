import { z } from 'zod';
import { act, create, list, PageQuery, patch, remove } from './kit/api';
import { Id, Instant, ShortText } from './kit/values';

export const resourceKinds = ['desk', 'room', 'vehicle', 'budget', 'custom'] as const;
export const holderTypes = ['user', 'team', 'project', 'other'] as const;
const Quantity = z.number().int().min(1).max(2_000_000_000);

export const Resource = z.object({
  id: Id,
  branchId: Id,
  kind: z.enum(resourceKinds),
  label: ShortText,
  /** What is counted: pieces, seats, minor units of a currency. */
  unit: z.string(),
  capacity: z.number().int(),
  /** Given away at this moment. */
  allocated: z.number().int(),
  version: z.number().int(),
});
export type Resource = z.infer<typeof Resource>;

/** Half-open: `to` is the first instant at which it is free again. */
export const Allocation = z.object({
  id: Id,
  resourceId: Id,
  holderType: z.enum(holderTypes),
  holderId: z.string(),
  quantity: z.number().int(),
  from: Instant,
  to: Instant.nullable(),
  note: z.string().nullable(),
});
export type Allocation = z.infer<typeof Allocation>;

export const NewResource = z.strictObject({
  kind: Resource.shape.kind,
  label: ShortText,
  unit: z.string().trim().min(1).max(20).default('piece'),
  capacity: Quantity,
});
export const ResourceChange = NewResource.omit({ kind: true })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' });

export const NewAllocation = z
  .strictObject({
    holderType: Allocation.shape.holderType.default('user'),
    holderId: z.string().trim().min(1).max(64),
    quantity: Quantity.default(1),
    /** By default now. */
    from: Instant.optional(),
    to: Instant.nullable().default(null),
    note: ShortText.nullable().default(null),
  })
  .refine(({ from, to }) => from === undefined || to === null || Date.parse(from) < Date.parse(to), {
    error: 'ends before it begins',
    path: ['to'],
  })
  .refine(({ holderType, holderId }) => holderType === 'other' || Id.safeParse(holderId).success, {
    error: 'is not an id',
    path: ['holderId'],
  });

export const Release = z.strictObject({ allocationId: Id, /** By default now. */ at: Instant.optional() });

const allocate = { permission: 'branches.allocate' } as const;
const read = { permission: 'branches.read' } as const;

export const resourceRows = {
  resources: list('/branches/:branchId/resources', {
    ...read,
    query: PageQuery.extend({ kind: Resource.shape.kind.optional() }),
    returns: Resource,
    summary: 'List what a branch can give away, by label',
  }),
  createResource: create('/branches/:branchId/resources', {
    ...allocate,
    body: NewResource,
    returns: Resource,
    errors: ['RESOURCE_LABEL_TAKEN'],
    summary: 'Add something that can be given away',
  }),
  updateResource: patch('/branches/:branchId/resources/:resourceId', {
    ...allocate,
    body: ResourceChange,
    returns: Resource,
    versioned: true,
    errors: ['RESOURCE_LABEL_TAKEN', 'RESOURCE_FULL'],
    summary: 'Rename a resource, or change how much there is of it',
  }),
  removeResource: remove('/branches/:branchId/resources/:resourceId', {
    ...allocate,
    versioned: true,
    errors: ['RESOURCE_IN_USE'],
    summary: 'Take a resource away that nobody holds; who held it stays known',
  }),
  allocations: list('/resources/:resourceId/allocations', {
    ...read,
    query: PageQuery.extend({ from: Instant.optional(), to: Instant.optional() }),
    returns: Allocation,
    summary: 'List who holds how much of a resource, now or in a time',
  }),
  allocate: create('/resources/:resourceId/allocate', {
    ...allocate,
    body: NewAllocation,
    returns: Allocation,
    errors: ['RESOURCE_FULL'],
    summary: 'Give some of a resource away, for a time or until it is released',
  }),
  release: act('/resources/:resourceId/release', {
    ...allocate,
    body: Release,
    returns: Allocation,
    errors: ['ALLOCATION_OVER'],
    summary: 'Take back what was given away, now or at an instant',
  }),
};
