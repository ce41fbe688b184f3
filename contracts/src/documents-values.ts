import { z } from 'zod';
import { Id, Instant, ShortText } from './kit/values';

/** What a file is sent for; each has its own limits of size and type. */
export const purposes = ['document', 'claim-evidence', 'product-image', 'photo', 'avatar', 'import'] as const;
export type Purpose = (typeof purposes)[number];

/** The most that any purpose takes. */
export const MAX_UPLOAD_BYTES = 50 * 1024 * 1024;

export const documentStates = ['processing', 'ready', 'quarantined', 'trashed', 'purged'] as const;
export const Kind = z
  .string()
  .min(1)
  .max(40)
  .regex(/^[a-z][a-z-]*$/, 'is lower case words with dashes');
export const Tag = z.string().trim().min(1).max(40);

/** What a document belongs to: a claim, a client, a check-in, … */
export const DocumentLink = z.object({ ownerType: Kind, ownerId: Id, role: Kind });
export type DocumentLink = z.infer<typeof DocumentLink>;

export const Document = z.object({
  id: Id,
  ownerId: Id,
  branchId: Id.nullable(),
  purpose: z.enum(purposes),
  title: z.string(),
  /** As its sender called it, without what no file system takes. */
  filename: z.string(),
  /** What the bytes say. */
  mime: z.string(),
  size: z.number().int(),
  /** Of the kept bytes, lower-case hex. */
  sha256: z.string(),
  state: z.enum(documentStates),
  scan: z.enum(['pending', 'clean', 'infected', 'skipped', 'error']),
  verification: z.enum(['none', 'verified', 'rejected']),
  verificationNote: z.string().nullable(),
  visibility: z.enum(['private', 'linked', 'branch', 'org']),
  classification: z.enum(['normal', 'personal', 'sensitive']),
  tags: z.array(Tag),
  /** Pixels of an image, and what was seen in a file: `encrypted`, `javascript`, `launch`, `embedded-file`. */
  meta: z.object({
    width: z.number().int().optional(),
    height: z.number().int().optional(),
    flags: z.array(z.string()).optional(),
  }),
  links: z.array(DocumentLink),
  currentVersion: z.number().int(),
  legalHold: z.boolean(),
  retentionUntil: Instant.nullable(),
  createdAt: Instant,
  deletedAt: Instant.nullable(),
  version: z.number().int(),
});
export type Document = z.infer<typeof Document>;

export const DocumentVersion = z.object({
  no: z.number().int(),
  size: z.number().int(),
  sha256: z.string(),
  mime: z.string(),
  note: z.string().nullable(),
  createdBy: Id,
  createdAt: Instant,
});
export type DocumentVersion = z.infer<typeof DocumentVersion>;

const optional = <S extends z.ZodType>(schema: S) =>
  z.preprocess((text) => (text === '' ? undefined : text), schema.optional());

/** Fields of a multipart body, all text; beside them `file`. */
export const NewDocument = z.strictObject({
  purpose: z.enum(purposes).default('document'),
  title: optional(z.string().trim().max(255)),
  branchId: optional(Id),
  visibility: z.enum(['private', 'linked', 'branch', 'org']).default('private'),
  /** Lower-case hex; compared with what arrived. */
  sha256: optional(z.string().regex(/^[\da-f]{64}$/)),
  ownerType: optional(Kind),
  ownerId: optional(Id),
  role: optional(Kind),
});
export const NewVersion = z.strictObject({ note: optional(ShortText) });

export const DocumentChange = z.strictObject({
  title: z.string().trim().min(1).max(255).optional(),
  visibility: z.enum(['private', 'linked', 'branch', 'org']).optional(),
  classification: z.enum(['normal', 'personal', 'sensitive']).optional(),
  tags: z.array(Tag).max(20).optional(),
});

export const SignedLink = z.object({ url: z.string(), expiresAt: Instant });
export type SignedLink = z.infer<typeof SignedLink>;
