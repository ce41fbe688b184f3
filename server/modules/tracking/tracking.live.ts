import { trackingLive } from '@loro/contracts/tracking';
import { namespace } from '../../platform';
import type { TrackingRoom } from './tracking.room';

export const trackingNamespace = ({ tracking, tracks, looks }: TrackingRoom) =>
  namespace(trackingLive, {
    streams: {
      fleet: {
        subject: (actor, id) => tracks.fleetSubject(actor, id),
        latest: async (actor, id) => {
          await looks.watches(actor, id, true);
          return tracks.latestOf(actor.orgId, id);
        },
      },
      cells: {
        subject: ({ orgId }, id) => tracks.branchSubject(orgId, id),
        latest: ({ orgId }, id) => tracks.cellsOf(orgId, id),
      },
      trackable: {
        subject: (actor, id) => tracks.trackableSubject(actor, id),
        latest: async (actor, id) => {
          await looks.watches(actor, id, false);
          return tracks.latestOfOne(actor.orgId, id);
        },
      },
      yard: { subject: ({ orgId }, id) => tracks.branchSubject(orgId, id) },
    },
    calls: { 'fix:report': (actor, input) => tracking.report(actor, input) },
    hot: ['fix:report'],
  });
