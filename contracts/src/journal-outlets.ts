import { z } from 'zod';
import { create, get, list, PageQuery, patch, remove } from './kit/api';
import { job } from './kit/job';
import { Id, Instant, ShortText } from './kit/values';

const outletKinds = ['webhook', 'syslog'] as const;

/** `https://…` of a webhook; `tcp://host:port` or `tls://host:port` of a syslog server. */
const Address = z.string().trim().max(500);
const fits = ({ kind, address }: { kind?: string | undefined; address?: string | undefined }): boolean =>
  kind === undefined ||
  address === undefined ||
  (kind === 'webhook' ? /^https?:\/\/[^/\s]/.test(address) : /^(tcp|tls):\/\/[^/\s:]+:\d{1,5}$/.test(address));

/**
 * Where entries go as they are sealed. A webhook gets up to 500 in one body of JSON lines, signed as all webhooks are:
 * `webhook-id`, `webhook-timestamp`, `webhook-signature`; a syslog server one RFC 5424 message an entry, counted as
 * RFC 6587 says. Each entry comes at least once and in the order of the chain; its `seq` tells a repeat.
 */
export const JournalOutlet = z.object({
  id: Id,
  name: ShortText,
  kind: z.enum(outletKinds),
  address: z.string(),
  isEnabled: z.boolean(),
  /** The last entry that arrived. */
  shippedSeq: z.number().int(),
  /** Entries that wait. */
  waiting: z.number().int(),
  /** Tries in a row that failed. */
  failures: z.number().int(),
  lastError: z.string().nullable(),
  nextTryAt: Instant.nullable(),
  shippedAt: Instant.nullable(),
  createdAt: Instant,
  version: z.number().int(),
});
export type JournalOutlet = z.infer<typeof JournalOutlet>;

/** Shown once: nobody can read it again. */
export const MadeOutlet = JournalOutlet.extend({ secret: z.string().nullable() });
export type MadeOutlet = z.infer<typeof MadeOutlet>;

export const NewOutlet = z
  .strictObject({
    name: ShortText,
    kind: z.enum(outletKinds),
    address: Address,
    /** From the first entry on, or only what comes from now on. */
    from: z.enum(['beginning', 'now']).default('now'),
  })
  .refine(fits, { path: ['address'], error: 'is no address of this kind' });

export const OutletChange = z.strictObject({
  name: ShortText.optional(),
  isEnabled: z.boolean().optional(),
});

export const shipEntries = job('journal.ship-entries', {
  payload: z.object({}).loose(),
  summary: 'Send sealed entries on to where organisations want them',
  attempts: 1,
});

const manage = { permission: 'journal.export', feature: 'journal.export', freshSignIn: true } as const;
const see = { permission: 'journal.export', feature: 'journal.export' } as const;

export const outletRows = {
  outlets: list('/outlets', {
    ...see,
    query: PageQuery,
    returns: JournalOutlet,
    summary: 'List where entries go as they are sealed',
  }),
  outlet: get('/outlets/:outletId', { ...see, returns: JournalOutlet, summary: 'How one of them stands' }),
  addOutlet: create('/outlets', {
    ...manage,
    body: NewOutlet,
    returns: MadeOutlet,
    errors: ['ADDRESS_NOT_ALLOWED'],
    summary: 'Send entries on from now, or from the first one; the secret is shown once',
  }),
  changeOutlet: patch('/outlets/:outletId', {
    ...manage,
    body: OutletChange,
    returns: JournalOutlet,
    versioned: true,
    summary: 'Rename it, stop it or let it go on; what came meanwhile is sent then',
  }),
  removeOutlet: remove('/outlets/:outletId', { ...manage, versioned: true, summary: 'Send nothing there any more' }),
};
