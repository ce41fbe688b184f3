import { z } from 'zod';
import { act, api, create, get, list, PageQuery, patch } from './kit/api';
import { contract } from './kit/contract';
import { job } from './kit/job';
import { event, live, stream } from './kit/live';
import { permissions } from './kit/permissions';
import { errors } from './kit/problem';
import { Id, Instant, ShortText } from './kit/values';

export const Document = z.object({
  id: Id,
  branchId: Id,
  name: ShortText,
  status: z.enum(['open', 'closed']),
  createdBy: Id,
  createdAt: Instant,
  closedAt: Instant.nullable(),
  version: z.number().int(),
});
export type Document = z.infer<typeof Document>;

export const NewDocument = z.strictObject({ branchId: Id, name: ShortText });
export const DocumentChange = z.strictObject({ name: ShortText });

export const documentsApi = api('/documents', {
  list: list('/', {
    permission: 'documents.read',
    query: PageQuery.extend({ branchId: Id.optional() }),
    returns: Document,
    summary: 'List documents, newest first',
  }),
  get: get('/:documentId', {
    permission: 'documents.read',
    returns: Document,
    summary: 'Read one document',
  }),
  create: create('/', {
    permission: 'documents.manage',
    body: NewDocument,
    returns: Document,
    summary: 'Make a document',
  }),
  rename: patch('/:documentId', {
    permission: 'documents.manage',
    body: DocumentChange,
    returns: Document,
    versioned: true,
    summary: 'Give a document another name',
  }),
  close: act('/:documentId/close', {
    permission: 'documents.manage',
    returns: Document,
    errors: ['DOCUMENT_CLOSED'],
    summary: 'Close a document',
  }),
});

export const documentsLive = live('/notifications', {
  streams: {
    documents: stream('log', { permission: 'documents.read', summary: 'Documents of a branch' }),
  },
  calls: {},
  events: {
    'document:created': event('documents', Document, 'A document was made'),
    'document:renamed': event('documents', Document, 'A document has another name'),
    'document:closed': event('documents', Document, 'A document was closed'),
  },
});

export const closeStaleDocument = job('documents.close-stale-document', {
  payload: z.object({ orgId: Id, documentId: Id }),
  summary: 'Close a document that nobody closed in time',
});

export const documentsContract = contract({
  name: 'documents',
  api: documentsApi,
  live: documentsLive,
  jobs: [closeStaleDocument],
  errors: errors({
    DOCUMENT_CLOSED: { status: 409, title: 'Already closed', help: 'This document was closed earlier.' },
  }),
  permissions: permissions({
    'documents.read': {
      description: 'See documents',
      grants: { manager: 'subtree', staff: 'branch', auditor: 'org' },
    },
    'documents.manage': { description: 'Make, rename and close documents', grants: { manager: 'subtree' } },
  }),
});
