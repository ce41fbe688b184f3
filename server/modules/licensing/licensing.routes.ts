import { licensingApi } from '@loro/contracts/licensing';
import { routes } from '../../platform';
import type { LicensingRoom } from './licensing.room';

export const licensingRoutes = (room: LicensingRoom) => {
  const { licenses, admin, plans, keys, files, activations, validation, seats, usage, metering } = room;
  const { billing, charges, invoices, provider, compliance, reports } = room;
  return routes(licensingApi, {
    current: ({ actor }) => licenses.current(actor),
    events: ({ actor, query }) => licenses.events(actor, query),
    licenses: ({ actor, params, query }) => admin.list(actor, params.orgId, query),
    license: ({ actor, params }) => admin.get(actor, params),
    createLicense: ({ actor, params, body }) => admin.create(actor, params.orgId, body),
    changeLicense: ({ actor, params, ifMatch, body }) => admin.change(actor, params, ifMatch, body),
    suspend: ({ actor, params, body }) => admin.suspend(actor, params, body.reason),
    reinstate: ({ actor, params }) => admin.reinstate(actor, params),
    revoke: ({ actor, params, body }) => admin.revoke(actor, params, body.reason),
    transfer: ({ actor, params, body }) => admin.transfer(actor, params, body),
    renewLicense: ({ actor, params, body }) => admin.renew(actor, params, body.terms),
    overrides: ({ actor, params, ifMatch, body }) => admin.override(actor, params, ifMatch, body.overrides),
    keys: ({ actor, params, query }) => keys.list(actor, params, query),
    issueKey: ({ actor, params }) => keys.issue(actor, params),
    revokeKey: ({ actor, params }) => keys.revoke(actor, params, params.keyId),
    file: ({ actor, params, body }) => files.issue(actor, params, body),
    matrix: ({ actor }) => plans.matrix(actor),
    plans: ({ actor, query }) => plans.list(actor, query),
    plan: ({ actor, params }) => plans.get(actor, params.planVersionId),
    createPlan: ({ actor, body }) => plans.create(actor, body),
    changePlan: ({ actor, params, ifMatch, body }) => plans.change(actor, params.planVersionId, ifMatch, body),
    publishPlan: ({ actor, params }) => plans.publish(actor, params.planVersionId),
    removePlan: ({ actor, params, ifMatch }) => plans.remove(actor, params.planVersionId, ifMatch),
    usage: ({ actor, query }) => usage.list(actor, query),
    analytics: ({ actor, query }) => usage.analyse(actor, query),
    reportUsage: ({ actor, body }) => metering.report(actor, body.events),
    seats: ({ actor, query }) => seats.list(actor, query),
    assignSeat: ({ actor, params }) => seats.assign(actor, params.userId),
    freeSeat: ({ actor, params }) => seats.free(actor, params.userId),
    previewPlan: ({ actor, body }) => billing.preview(actor, body.plan),
    takePlan: ({ actor, body }) => billing.changePlan(actor, body.plan),
    setRenewal: ({ actor, ifMatch, body }) => billing.setRenewal(actor, ifMatch, body),
    renew: ({ actor }) => billing.renew(actor),
    cancelSubscription: async ({ actor }) => {
      await billing.cancel(actor, true);
      return licenses.current(actor);
    },
    resumeSubscription: async ({ actor }) => {
      await billing.cancel(actor, false);
      return licenses.current(actor);
    },
    charges: ({ actor, query }) => charges.list(actor, query),
    invoices: ({ actor, query }) => invoices.list(actor, query),
    invoice: ({ actor, params }) => invoices.get(actor, params.invoiceId),
    invoiceFile: ({ actor, params }) => invoices.file(actor, params.invoiceId),
    paymentEvent: (request) => provider.hear(request.params.provider, request, request.body),
    validate: (request) => validation.validate(request, request.body),
    activations: ({ actor, query }) => activations.list(actor, query),
    activate: ({ actor, body }) => activations.activate(actor, body),
    heartbeat: ({ actor, params }) => activations.beat(actor, params.activationId),
    deactivate: ({ actor, params }) => activations.deactivate(actor, params.activationId),
    installFile: ({ actor, body }) => files.install(actor, body),
    findings: ({ actor, query }) => compliance.list(actor, query),
    waive: ({ actor, params, ifMatch, body }) => compliance.waive(actor, params.findingId, ifMatch, body.reason),
    reports: ({ actor, query }) => reports.list(actor, query),
    makeReport: ({ actor, body }) => reports.make(actor, body),
    report: ({ actor, params }) => reports.get(actor, params.reportId),
    reportFile: ({ actor, params, query }) => reports.file(actor, params.reportId, query.format),
  });
};
