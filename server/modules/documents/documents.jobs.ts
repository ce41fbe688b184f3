import { purgeTrash, scanDocument, sweepUploads, verifyFiles } from '@loro/contracts/documents';
import { handle } from '../../platform';
import type { DocumentsRoom } from './documents.room';

export const documentsJobs = ({ keeping, uploads }: DocumentsRoom) => [
  handle(scanDocument, (payload) => keeping.scan(payload)),
  handle(purgeTrash, () => keeping.purge()),
  handle(sweepUploads, () => uploads.sweep()),
  handle(verifyFiles, () => keeping.verify()),
];
