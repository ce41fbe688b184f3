import { activityLive } from '@loro/contracts/activity-live';
import { namespace, ownStream } from '../../platform';
import type { ActivityRoom } from './activity.room';

export const activityNamespace = ({ entries, feed, places, widgets }: ActivityRoom) =>
  namespace(activityLive, {
    auto: ({ userId }) => [
      ['timers', userId],
      ['alerts', userId],
    ],
    streams: {
      timers: ownStream,
      alerts: {
        subject: async ({ orgId, userId }, id) => {
          if (id === userId) return { userId };
          // What is about the organisation is of no branch, and within the reach of all of it alone.
          if (id === orgId) return { branchId: null };
          return (await places.hasBranch(orgId, id)) ? { branchId: id } : null;
        },
      },
      activity: {
        subject: async ({ orgId }, id) => ((await places.hasBranch(orgId, id)) ? { branchId: id } : null),
        latest: (actor, id) => feed.latest(actor, id),
      },
      widget: { subject: (actor, id) => widgets.subject(actor, id), latest: (actor, id) => widgets.latest(actor, id) },
    },
    calls: {
      'timer:start': (actor, input) => entries.start(actor, input),
      'timer:stop': (actor, { at }) => entries.stop(actor, at),
      'widget:subscribe': (actor, { widgetId }) => widgets.subscribe(actor, widgetId),
    },
  });
