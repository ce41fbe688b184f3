import { trackingLive } from '@loro/contracts/tracking';
import { namespace } from '../../platform';
import type { TrackingRoom } from './tracking.room';

export const trackingNamespace = ({ tracking, tracks }: TrackingRoom) =>
  namespace(trackingLive, {
    streams: {
      fleet: {
        subject: ({ orgId }, id) => tracks.branchSubject(orgId, id),
        latest: ({ orgId }, id) => tracks.latestOf(orgId, id),
      },
      trackable: {
        subject: ({ orgId }, id) => tracks.trackableSubject(orgId, id),
        latest: ({ orgId }, id) => tracks.latestOfOne(orgId, id),
      },
      yard: { subject: ({ orgId }, id) => tracks.branchSubject(orgId, id) },
    },
    calls: { 'fix:report': (actor, input) => tracking.report(actor, input) },
    hot: ['fix:report'],
  });
