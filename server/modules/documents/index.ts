import { documentsContract } from '@loro/contracts/documents';
import { defineModule } from '../../platform';
import { DocumentModel } from './document.model';
import { documentsJobs } from './documents.jobs';
import { documentsNamespace } from './documents.live';
import { documentsRoutes } from './documents.routes';
import { DocumentsService } from './documents.service';

export const documents = defineModule({
  name: 'documents',
  contract: documentsContract,
  models: [DocumentModel],
  service: (hub) => new DocumentsService(hub),
  routes: documentsRoutes,
  live: documentsNamespace,
  jobs: documentsJobs,
});
