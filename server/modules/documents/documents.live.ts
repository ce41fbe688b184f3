import { documentsLive } from '@loro/contracts/documents';
import { namespace } from '../../platform';
import type { DocumentsService } from './documents.service';

export const documentsNamespace = (documents: DocumentsService) =>
  namespace(documentsLive, {
    streams: { documents: { subject: ({ orgId }, id) => documents.branchSubject(orgId, id) } },
    calls: {},
  });
