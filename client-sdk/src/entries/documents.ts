// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { documentsContract } from '@loro/contracts/documents';
import { defineModule } from '../module';

export const documents = defineModule<typeof documentsContract>({
  prefix: '',
  endpoints: {
    list: ['GET', '/documents', 'list'],
    upload: ['POST', '/documents', 'one'],
    get: ['GET', '/documents/:documentId', 'one'],
    content: ['GET', '/documents/:documentId/content', 'feed'],
    download: ['GET', '/documents/:documentId/download', 'one'],
    link: ['POST', '/documents/:documentId/url', 'one'],
    open: ['GET', '/files/:orgId/:documentId', 'feed', { open: true }],
    change: ['PATCH', '/documents/:documentId', 'one'],
    addVersion: ['POST', '/documents/:documentId/versions', 'one'],
    versions: ['GET', '/documents/:documentId/versions', 'list'],
    restoreVersion: ['POST', '/documents/:documentId/versions/:no/restore', 'one'],
    addLink: ['POST', '/documents/:documentId/links', 'one'],
    removeLink: ['DELETE', '/documents/:documentId/links/:ownerType/:ownerId/:role', 'none'],
    verify: ['POST', '/documents/:documentId/verification', 'one'],
    trash: ['DELETE', '/documents/:documentId', 'none'],
    restore: ['POST', '/documents/:documentId/restore', 'one'],
    thumbnail: ['GET', '/documents/:documentId/thumbnail', 'feed'],
    archive: ['POST', '/documents/archives', 'feed'],
    hold: ['POST', '/documents/:documentId/legal-hold', 'one'],
    beginUpload: ['POST', '/uploads', 'feed'],
    uploadOptions: ['GET', '/uploads', 'feed', { open: true }],
    uploadState: ['GET', '/uploads/:uploadId', 'feed'],
    appendUpload: ['PATCH', '/uploads/:uploadId', 'feed'],
    endUpload: ['DELETE', '/uploads/:uploadId', 'none'],
    share: ['POST', '/documents/:documentId/shares', 'one'],
    shares: ['GET', '/documents/:documentId/shares', 'list'],
    unshare: ['DELETE', '/documents/:documentId/shares/:shareId', 'none'],
    openShare: ['GET', '/public/documents/:token', 'feed', { open: true }],
    unlockShare: ['POST', '/public/documents/:token', 'one', { open: true }],
  },
  live: {
    namespace: '/notifications',
    calls: {},
  },
});
