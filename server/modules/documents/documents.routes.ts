import { documentsApi } from '@loro/contracts/documents';
import { routes } from '../../platform';
import type { DocumentsRoom } from './documents.room';

export const documentsRoutes = ({ documents, filing, contents, keeping }: DocumentsRoom) =>
  routes(documentsApi, {
    list: ({ actor, query }) => documents.list(actor, query),
    upload: ({ actor, body, file }) => filing.upload(actor, body, file),
    get: ({ actor, params }) => documents.get(actor, params.documentId),
    content: ({ actor, params, query, range, isHead }) =>
      contents.content(actor, params.documentId, { ...query, range, isHead }),
    download: ({ actor, params }) =>
      contents.link(actor, params.documentId, { ttlSec: 300, disposition: 'attachment' }),
    link: ({ actor, params, body }) => contents.link(actor, params.documentId, body),
    open: ({ params, query: { v: no, exp, d: disposition, e: epoch, sig }, range, isHead }) =>
      contents.open({ ...params, no, exp, disposition, epoch }, sig, { range, isHead }),
    change: ({ actor, params, ifMatch, body }) => documents.change(actor, params.documentId, ifMatch, body),
    addVersion: ({ actor, params, ifMatch, body, file }) =>
      filing.addVersion(actor, params.documentId, ifMatch, body.note, file),
    versions: ({ actor, params, query }) => documents.versions(actor, params.documentId, query),
    restoreVersion: ({ actor, params, ifMatch }) =>
      filing.restoreVersion(actor, params.documentId, ifMatch, Number(params.no)),
    addLink: ({ actor, params, body }) => documents.addLink(actor, params.documentId, body),
    removeLink: ({ actor, params: { documentId, ...link } }) => documents.removeLink(actor, documentId, link),
    verify: ({ actor, params, body }) => documents.verify(actor, params.documentId, body.decision, body.note),
    trash: ({ actor, params, ifMatch }) => keeping.trash(actor, params.documentId, ifMatch),
    restore: ({ actor, params }) => keeping.restore(actor, params.documentId),
    hold: ({ actor, params, body }) => keeping.hold(actor, params.documentId, body.isHeld),
  });
