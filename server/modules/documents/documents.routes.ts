import { documentsApi } from '@loro/contracts/documents';
import { routes } from '../../platform';
import type { DocumentsService } from './documents.service';

export const documentsRoutes = (documents: DocumentsService) =>
  routes(documentsApi, {
    list: ({ actor, query }) => documents.list(actor, query),
    get: ({ actor, params }) => documents.get(actor, params.documentId),
    create: ({ actor, body }) => documents.create(actor, body),
    rename: ({ actor, params, ifMatch, body }) => documents.rename(actor, params.documentId, ifMatch, body),
    close: ({ actor, params }) => documents.close(actor, params.documentId),
  });
