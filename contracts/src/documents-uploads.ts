import { z } from 'zod';
import { append, feed, remove, step } from './kit/api';
import { MAX_UPLOAD_BYTES } from './documents-values';

/** Said on every answer of these rows: tus 1.0.0 with creation, expiration and termination. */
const always = {
  'Tus-Resumable': '1.0.0',
  'Tus-Version': '1.0.0',
  'Tus-Extension': 'creation,expiration,termination',
  'Tus-Max-Size': String(MAX_UPLOAD_BYTES),
  'Cache-Control': 'no-store',
} as const;
const told = {
  'Upload-Offset': 'How many bytes have arrived',
  'Upload-Expires': 'When what has arrived is let go of, unless more arrives before',
} as const;
const refusals = ['TYPE_NOT_ALLOWED', 'EMPTY_FILE', 'ZIP_BOMB', 'IMAGE_TOO_LARGE', 'MACRO_NOT_ALLOWED'] as const;
const uploadErrors = ['TUS_VERSION', 'UPLOAD_EXPIRED'] as const;

export const uploadRows = {
  beginUpload: step('/uploads', {
    permission: 'documents.write',
    feature: 'documents',
    apiKey: true,
    always,
    headers: { Location: 'Where its parts go', ...told },
    errors: ['TUS_VERSION', 'FILE_TOO_LARGE', 'TYPE_NOT_ALLOWED', 'STORAGE_QUOTA'],
    summary:
      'Begin to hand in a file part by part (tus 1.0): `Upload-Length`, and in `Upload-Metadata` the name and the fields of `POST /documents`',
  }),
  uploadOptions: feed('/uploads', {
    public: 'says which protocol is spoken, and nothing of anybody',
    always,
    summary: 'Which version of tus is spoken',
  }),
  uploadState: feed('/uploads/:uploadId', {
    permission: 'documents.write',
    apiKey: true,
    always,
    headers: { 'Upload-Length': 'How many bytes the file has', ...told },
    errors: uploadErrors,
    summary: 'How far it has come; `HEAD` asks for the headers alone',
  }),
  appendUpload: append('/uploads/:uploadId', {
    permission: 'documents.write',
    apiKey: true,
    always,
    bytes: 'application/offset+octet-stream',
    headers: { 'Content-Location': 'The document, once all has arrived', ...told },
    errors: [
      ...uploadErrors,
      ...refusals,
      'UPLOAD_OFFSET',
      'UPLOAD_TOO_LONG',
      'UPLOAD_BUSY',
      'UPLOAD_CHECKSUM',
      'FILE_TOO_LARGE',
      'STORAGE_QUOTA',
    ],
    summary: 'Go on where `Upload-Offset` says; with the last byte the file becomes a document',
  }),
  endUpload: remove('/uploads/:uploadId', {
    permission: 'documents.write',
    apiKey: true,
    always,
    errors: uploadErrors,
    summary: 'Give it up; what has arrived is let go of',
  }),
};

export const UploadLength = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
