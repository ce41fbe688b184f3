import { documentsApi } from '@loro/contracts/documents';
import { routes } from '../../platform';
import type { DocumentsRoom } from './documents.room';

export const documentsRoutes = ({
  documents,
  filing,
  contents,
  bundles,
  keeping,
  previews,
  shares,
  uploads,
}: DocumentsRoom) =>
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
    thumbnail: ({ actor, params, query, isHead }) =>
      previews.thumbnail(actor, params.documentId, Number(query.w), isHead),
    archive: ({ actor, body }) => bundles.archive(actor, body.ids),
    beginUpload: (request) => uploads.begin(request.actor, request),
    uploadOptions: async () => uploads.options(),
    uploadState: (request) => uploads.state(request.actor, request.params.uploadId, request),
    appendUpload: (request) => uploads.append(request.actor, request.params.uploadId, request),
    endUpload: (request) => uploads.end(request.actor, request.params.uploadId, request),
    share: ({ actor, params, body }) => shares.share(actor, params.documentId, body),
    shares: ({ actor, params, query }) => shares.list(actor, params.documentId, query),
    unshare: ({ actor, params }) => shares.revoke(actor, params.documentId, params.shareId),
    openShare: ({ params, range, isHead }) => shares.open(params.token, { range, isHead }),
    unlockShare: ({ params, body }) => shares.unlock(params.token, body.password),
  });
