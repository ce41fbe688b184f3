import { journalApi } from '@loro/contracts/journal';
import { Forbidden, routes } from '../../platform';
import type { JournalRoom } from './journal.room';

const refuse = async (): Promise<never> => {
  throw new Forbidden('JOURNAL_READ_ONLY', 'Nobody changes or removes an entry.');
};

export const journalRoutes = ({
  search,
  history,
  notes,
  checkpoints,
  verify,
  operations,
  exports,
  keeping,
  outlets,
}: JournalRoom) =>
  routes(journalApi, {
    list: ({ actor, query }) => search.list(actor, query),
    security: ({ actor, query }) => search.security(actor, query),
    mine: ({ actor, query }) => search.mine(actor, query),
    get: ({ actor, params }) => search.get(actor, params.entryId),
    history: ({ actor, params, query }) => history.history(actor, { type: params.type, id: params.entityId }, query),
    asOf: ({ actor, params, query }) => history.asOf(actor, { type: params.type, id: params.entityId }, query.at),
    writeNote: ({ actor, body }) => notes.write(actor, body),
    replace: refuse,
    change: refuse,
    remove: refuse,
    head: ({ actor }) => checkpoints.head(actor),
    checkpoints: ({ actor, query }) => checkpoints.list(actor, query),
    verify: ({ actor, body }) => verify.ask(actor, body),
    verifications: ({ actor, query }) => verify.list(actor, query),
    verification: ({ actor, params }) => verify.get(actor, params.verificationId),
    operations: ({ actor, query }) => operations.list(actor, query),
    proof: ({ actor, params }) => operations.proof(actor, params.operationId),
    errors: ({ actor, query }) => operations.errors(actor, query),
    metrics: ({ actor, query }) => operations.metrics(actor, query),
    export: ({ actor, body }) => exports.request(actor, body),
    exports: ({ actor, query }) => exports.list(actor, query),
    exported: ({ actor, params }) => exports.get(actor, params.exportId),
    exportFile: ({ actor, params }) => exports.file(actor, params.exportId),
    holds: ({ actor, query }) => keeping.holds(actor, query),
    hold: ({ actor, body }) => keeping.hold(actor, body),
    release: ({ actor, params, body }) => keeping.release(actor, params.holdId, body.reason),
    outlets: ({ actor, query }) => outlets.list(actor, query),
    outlet: ({ actor, params }) => outlets.get(actor, params.outletId),
    addOutlet: ({ actor, body }) => outlets.add(actor, body),
    changeOutlet: ({ actor, params, ifMatch, body }) => outlets.change(actor, params.outletId, ifMatch, body),
    removeOutlet: ({ actor, params, ifMatch }) => outlets.remove(actor, params.outletId, ifMatch),
    erase: ({ actor, body }) => keeping.erase(actor, body.subject),
  });
