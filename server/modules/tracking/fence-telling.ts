import type { FenceCrossing } from '@loro/contracts/branches-geofences';
import { branchesLive } from '@loro/contracts/branches-live';
import { type Trackable, trackingLive } from '@loro/contracts/tracking';
import { type After, ulid } from '../../platform';
import type { FenceCrossed } from './fence-walk.policy';

const iso = (ms: number): string => new Date(ms).toISOString();

/** Tells the branch whose fence it is, of a fence of nobody's the trackable's, and the person whose way it is. */
export function announce(after: After, orgId: string, trackable: Trackable, { fence, crossing }: FenceCrossed): void {
  const { at, confirmedAt } = crossing;
  const branchId = fence.branchId ?? trackable.branchId;
  const told: FenceCrossing = {
    id: ulid(confirmedAt),
    branchId,
    trackableId: trackable.id,
    name: trackable.name,
    fenceId: fence.id,
    fenceName: fence.name,
    at: iso(at),
    confirmedAt: iso(confirmedAt),
  };
  const yard = { orgId, id: branchId };
  const person = trackable.userId === null ? undefined : { orgId, id: trackable.userId };
  switch (crossing.kind) {
    case 'entered':
    case 'exited':
      after.publish(trackingLive, `geofence:${crossing.kind}`, yard, told);
      if (person) after.publish(branchesLive, `geofence:${crossing.kind}`, person, told);
      break;
    case 'dwelled': {
      const dwelling = { ...told, since: iso(crossing.since) };
      after.publish(trackingLive, 'geofence:dwelled', yard, dwelling);
      if (person) after.publish(branchesLive, 'geofence:dwelled', person, dwelling);
      break;
    }
    case 'crossed': {
      const passing = { ...told, leftAt: iso(crossing.leftAt) };
      after.publish(trackingLive, 'geofence:crossed', yard, passing);
      if (person) after.publish(branchesLive, 'geofence:crossed', person, passing);
    }
  }
}
