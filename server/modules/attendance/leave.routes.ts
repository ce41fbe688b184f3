import { leaveApi } from '@loro/contracts/leave';
import { routes } from '../../platform';
import type { LeaveRoom } from './leave.room';

export const leaveRoutes = ({ types, requests, views, decisions, balances, liability }: LeaveRoom) =>
  routes(leaveApi, {
    types: ({ actor, query }) => types.list(actor, query),
    type: ({ actor, params }) => types.get(actor, params.typeId),
    createType: ({ actor, body }) => types.create(actor, body),
    updateType: ({ actor, params, ifMatch, body }) => types.update(actor, params.typeId, ifMatch, body),
    removeType: ({ actor, params, ifMatch }) => types.remove(actor, params.typeId, ifMatch),
    balances: ({ actor, query }) => balances.list(actor, query),
    lots: ({ actor, query }) => balances.lots(actor, query),
    ledger: ({ actor, query }) => balances.ledger(actor, query),
    adjust: ({ actor, body }) => balances.adjust(actor, body),
    liability: ({ actor, query }) => liability.report(actor, query),
    requestLeave: ({ actor, body }) => requests.request(actor, body),
    requests: ({ actor, query }) => views.list(actor, query),
    request: ({ actor, params }) => views.get(actor, params.requestId),
    changeLeave: ({ actor, params, ifMatch, body }) => requests.change(actor, params.requestId, ifMatch, body),
    dropLeave: ({ actor, params, ifMatch }) => requests.drop(actor, params.requestId, ifMatch),
    submitLeave: ({ actor, params }) => requests.submit(actor, params.requestId),
    approveLeave: ({ actor, params, body }) => decisions.approve(actor, params.requestId, body.note),
    rejectLeave: ({ actor, params, body }) => decisions.reject(actor, params.requestId, body.note),
    withdrawLeave: ({ actor, params, body }) => decisions.withdraw(actor, params.requestId, body.note),
    cancelLeave: ({ actor, params, body }) => decisions.cancel(actor, params.requestId, body.note),
    shortenLeave: ({ actor, params, body }) => decisions.shorten(actor, params.requestId, body.to, body.note),
    giveBackLeave: ({ actor, params, body }) => decisions.giveBack(actor, params.requestId, body.dates, body.note),
    calendar: ({ actor, query }) => views.calendar(actor, query),
  });
