import { documentsContract } from '@loro/contracts/documents';
import { defineModule } from '../../platform';
import { DocumentModel } from './document.model';
import { documentsJobs } from './documents.jobs';
import { documentsNamespace } from './documents.live';
import { DocumentsRoom } from './documents.room';
import { documentsRoutes } from './documents.routes';

export const documents = defineModule({
  name: 'documents',
  contract: documentsContract,
  models: [DocumentModel],
  service: (hub) => new DocumentsRoom(hub),
  routes: documentsRoutes,
  live: documentsNamespace,
  jobs: documentsJobs,
});
