import { closeStaleDocument } from '@loro/contracts/documents';
import { handle } from '../../platform';
import type { DocumentsService } from './documents.service';

export const documentsJobs = (documents: DocumentsService) => [
  handle(closeStaleDocument, ({ orgId, documentId }) => documents.closeStale(orgId, documentId)),
];
