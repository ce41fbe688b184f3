import { trackingApi } from '@loro/contracts/tracking';
import { routes } from '../../platform';
import type { TrackingRoom } from './tracking.room';

export const trackingRoutes = ({ tracking, tracks }: TrackingRoom) =>
  routes(trackingApi, {
    report: ({ actor, body }) => tracking.report(actor, body),
    trackables: ({ actor, query }) => tracks.list(actor, query),
    trackable: ({ actor, params }) => tracks.get(actor, params.trackableId),
    positions: ({ actor, query }) => tracks.positions(actor, query),
    track: ({ actor, params, query }) => tracks.track(actor, params.trackableId, query),
  });
