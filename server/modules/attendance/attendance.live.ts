import { attendanceLive } from '@loro/contracts/attendance';
import { type Hub, namespace } from '../../platform';
import { people } from '../people';

/** Spoken in the namespace of check-ins: everybody hears his own days, and others those of branches and people they see. */
export const attendanceNamespace = (hub: Hub) =>
  namespace(attendanceLive, {
    auto: (actor) => [['attendance', actor.userId]],
    streams: {
      attendance: {
        subject: async ({ orgId, userId }, id) => {
          if (id === userId) return { userId };
          if (await hub.ports.hasBranch(orgId, id)) return { branchId: id };
          const person = await hub.use(people).byId(orgId, id);
          return { userId: id, branchId: person.homeBranchId };
        },
      },
    },
    calls: {},
  });
