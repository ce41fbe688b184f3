import { purgeTrash, scanDocument, verifyFiles } from '@loro/contracts/documents';
import { handle } from '../../platform';
import type { DocumentsRoom } from './documents.room';

export const documentsJobs = ({ keeping }: DocumentsRoom) => [
  handle(scanDocument, (payload) => keeping.scan(payload)),
  handle(purgeTrash, () => keeping.purge()),
  handle(verifyFiles, () => keeping.verify()),
];
