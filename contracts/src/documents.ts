import { z } from 'zod';
import { act, api, create, feed, get, list, PageQuery, patch, remove, step } from './kit/api';
import { contract } from './kit/contract';
import { job } from './kit/job';
import { event, live } from './kit/live';
import { permissions } from './kit/permissions';
import { setting } from './kit/settings';
import { documentErrors } from './documents-errors';
import { Id } from './kit/values';
import { notificationStreams } from './notifications';
import {
  Document,
  DocumentChange,
  DocumentLink,
  DocumentVersion,
  Kind,
  MAX_UPLOAD_BYTES,
  NewDocument,
  NewVersion,
  SignedLink,
  Tag,
  documentStates,
  purposes,
} from './documents-values';
import { shareRows } from './documents-shares';
import { uploadRows } from './documents-uploads';

export * from './documents-values';

const Days = z.int().min(1).max(36_500);
/** By purpose. `keepDays`: it cannot be thrown away before; `removeAfterDays`: it goes to the trash by itself. */
const Retention = z.partialRecord(
  z.enum(purposes),
  z
    .strictObject({ keepDays: Days.optional(), removeAfterDays: Days.optional() })
    .refine(({ keepDays = 0, removeAfterDays = Infinity }) => keepDays <= removeAfterDays, {
      path: ['removeAfterDays'],
      error: 'is shorter than what must be kept',
    }),
);

const Disposition = z.enum(['attachment', 'inline']).default('attachment');
const refusals = ['TYPE_NOT_ALLOWED', 'EMPTY_FILE', 'ZIP_BOMB', 'IMAGE_TOO_LARGE', 'MACRO_NOT_ALLOWED'] as const;
const more = ['CHECKSUM_MISMATCH', 'STORAGE_QUOTA', 'FILE_TOO_LARGE'] as const;
const served = {
  'Content-Disposition': 'The file’s name',
  'Accept-Ranges': '`bytes`',
  ETag: 'The SHA-256 of the bytes',
};

export const documentsApi = api('', {
  list: list('/documents', {
    permission: 'documents.read',
    license: 'export',
    apiKey: true,
    query: PageQuery.extend({
      ownerType: Kind.optional(),
      ownerId: Id.optional(),
      role: Kind.optional(),
      state: z.enum(documentStates).optional(),
      tag: Tag.optional(),
    }),
    returns: Document,
    summary: 'List the documents that the caller may see, newest first',
  }),
  upload: create('/documents', {
    permission: 'documents.write',
    feature: 'documents',
    apiKey: true,
    multipart: true,
    maxBytes: MAX_UPLOAD_BYTES,
    body: NewDocument,
    returns: Document,
    errors: [...refusals, ...more],
    summary: 'Hand in one file; it can be opened once it was looked at',
  }),
  get: get('/documents/:documentId', {
    permission: 'documents.read',
    license: 'export',
    apiKey: true,
    returns: Document,
    summary: 'Read what is known of one document',
  }),
  content: feed('/documents/:documentId/content', {
    permission: 'documents.read',
    license: 'export',
    apiKey: true,
    query: z.strictObject({ version: z.coerce.number().int().min(1).optional(), disposition: Disposition }),
    headers: served,
    errors: ['DOCUMENT_NOT_READY', 'QUARANTINED', 'RANGE_NOT_SATISFIABLE'],
    summary: 'The file itself; `Range` gives a part',
  }),
  download: get('/documents/:documentId/download', {
    permission: 'documents.read',
    license: 'export',
    returns: SignedLink,
    errors: ['DOCUMENT_NOT_READY', 'QUARANTINED'],
    summary: 'An address that opens the file for 300 s without signing in',
  }),
  link: act('/documents/:documentId/url', {
    permission: 'documents.read',
    body: z.strictObject({ ttlSec: z.int().min(1).max(3_600).default(300), disposition: Disposition }),
    returns: SignedLink,
    errors: ['DOCUMENT_NOT_READY', 'QUARANTINED'],
    summary: 'The same for up to an hour; changing the document’s visibility ends all of them',
  }),
  open: feed('/files/:orgId/:documentId', {
    public: 'the signature in the address is the proof, and it runs out',
    query: z.strictObject({
      v: z.coerce.number().int().min(1),
      exp: z.coerce.number().int(),
      d: Disposition,
      e: z.coerce.number().int().min(0).default(0),
      sig: z.string().max(100),
    }),
    headers: served,
    errors: ['URL_EXPIRED', 'URL_SIGNATURE', 'DOCUMENT_NOT_READY', 'QUARANTINED', 'RANGE_NOT_SATISFIABLE'],
    summary: 'The file behind a signed address',
  }),
  change: patch('/documents/:documentId', {
    permission: 'documents.write',
    body: DocumentChange,
    returns: Document,
    versioned: true,
    summary: 'Change title, tags, visibility or class',
  }),
  addVersion: create('/documents/:documentId/versions', {
    permission: 'documents.write',
    feature: 'documents',
    multipart: true,
    maxBytes: MAX_UPLOAD_BYTES,
    body: NewVersion,
    returns: Document,
    versioned: true,
    errors: [...refusals, ...more],
    summary: 'Hand in a newer version of the file',
  }),
  versions: list('/documents/:documentId/versions', {
    permission: 'documents.read',
    license: 'export',
    query: PageQuery,
    returns: DocumentVersion,
    summary: 'List its versions, newest first',
  }),
  restoreVersion: act('/documents/:documentId/versions/:no/restore', {
    permission: 'documents.write',
    params: z.object({ documentId: Id, no: z.string().regex(/^[1-9]\d{0,5}$/) }),
    returns: Document,
    versioned: true,
    summary: 'Make an earlier version the current one again, as a new version',
  }),
  addLink: act('/documents/:documentId/links', {
    permission: 'documents.write',
    body: DocumentLink.strict(),
    returns: Document,
    summary: 'Link it to what it belongs to',
  }),
  removeLink: remove('/documents/:documentId/links/:ownerType/:ownerId/:role', {
    permission: 'documents.write',
    params: z.object({ documentId: Id, ownerType: Kind, ownerId: Id, role: Kind }),
    summary: 'Take a link away',
  }),
  verify: act('/documents/:documentId/verification', {
    permission: 'documents.verify',
    body: z.strictObject({ decision: z.enum(['verified', 'rejected']), note: z.string().trim().max(500).default('') }),
    returns: Document,
    errors: ['SELF_VERIFICATION'],
    summary: 'Say that the paper is what it claims to be, or is not',
  }),
  trash: remove('/documents/:documentId', {
    permission: 'documents.write',
    versioned: true,
    errors: ['LEGAL_HOLD', 'RETENTION_ACTIVE'],
    summary: 'Put it into the trash, from where it can be taken back for thirty days',
  }),
  restore: act('/documents/:documentId/restore', {
    permission: 'documents.write',
    returns: Document,
    summary: 'Take it back out of the trash',
  }),
  thumbnail: feed('/documents/:documentId/thumbnail', {
    permission: 'documents.read',
    apiKey: true,
    query: z.strictObject({ w: z.enum(['160', '480', '1200']).default('480') }),
    headers: served,
    errors: ['DOCUMENT_NOT_READY', 'QUARANTINED', 'NO_PREVIEW'],
    summary: 'A picture of the document, at most so many pixels wide',
  }),
  archive: step('/documents/archives', {
    permission: 'documents.read',
    license: 'export',
    status: 200,
    body: z.strictObject({ ids: z.array(Id).min(1).max(500) }),
    headers: { 'Content-Disposition': 'The archive’s name' },
    errors: ['DOCUMENT_NOT_READY', 'QUARANTINED', 'FILE_TOO_LARGE'],
    summary: 'Several documents in one zip archive, written while it is taken',
  }),
  hold: act('/documents/:documentId/legal-hold', {
    permission: 'documents.hold',
    body: z.strictObject({ isHeld: z.boolean() }),
    returns: Document,
    summary: 'Keep it whatever else says, or stop doing so',
  }),
  ...uploadRows,
  ...shareRows,
});

export const documentsLive = live('/notifications', {
  streams: { user: notificationStreams.user },
  calls: {},
  events: {
    'document:changed': event(
      'user',
      Document,
      'A document of this person was handed in, looked at, changed or removed',
    ),
  },
});

export const scanDocument = job('documents.scan-document', {
  payload: z.object({ orgId: Id, documentId: Id, no: z.int() }),
  summary: 'Ask the scanner about a new file',
  attempts: 8,
});
export const purgeTrash = job('documents.purge-trash', {
  payload: z.object({}),
  summary: 'Remove what lay in the trash for thirty days, and files that nobody points to',
});
export const sweepUploads = job('documents.sweep-uploads', {
  payload: z.object({}),
  summary: 'Let go of uploads that nobody went on with',
});
export const verifyFiles = job('documents.verify-files', {
  payload: z.object({}),
  summary: 'Hash a part of the kept files again, and tell which are gone or changed',
});

export const documentsContract = contract({
  name: 'documents',
  api: documentsApi,
  live: documentsLive,
  jobs: [scanDocument, purgeTrash, sweepUploads, verifyFiles],
  errors: documentErrors,
  permissions: permissions({
    'documents.read': {
      description: 'See documents: one’s own, and those shown to the branch or the organisation',
      grants: {
        hr: 'org',
        finance: 'org',
        manager: 'subtree',
        sales: 'branch',
        warehouse: 'branch',
        staff: 'own',
        reseller: 'own',
        client: 'own',
        auditor: 'org',
      },
    },
    'documents.write': {
      description: 'Hand in documents, change and remove one’s own',
      grants: {
        hr: 'org',
        finance: 'org',
        manager: 'subtree',
        sales: 'branch',
        warehouse: 'branch',
        staff: 'own',
        reseller: 'own',
        client: 'own',
      },
    },
    'documents.verify': {
      description: 'Verify papers of others',
      grants: { hr: 'org', finance: 'org', manager: 'subtree' },
    },
    'documents.hold': { description: 'Hold documents for a case', grants: {} },
  }),
  settings: {
    'documents.retention': setting(Retention, {
      preset: {},
      levels: ['platform', 'organisation'],
      description:
        'For each purpose: for how many days a document cannot be removed, and after how many it goes by itself',
      isSensitive: true,
    }),
  },
});
