import { configurationApi } from '@loro/contracts/configuration';
import { trackingApi } from '@loro/contracts/tracking';
import { ulid } from '../../platform/ulid';
import type { Person, TestHub } from '../../testing/test-hub';
import type { TrackFix } from './sieve.policy';

/** How tests hand in tracks: as a phone would, in batches. */
export const phone = () => ({ device: ulid(), boot: ulid() });

const DAY_MS = 86_400_000;
/** Yesterday at eight in the branch of every test, which is in Johannesburg. */
export const yesterdayAtEight = (now: Date): number =>
  (Math.floor(now.getTime() / DAY_MS) - 1) * DAY_MS + 6 * 3_600_000;

/** A track begun at another instant. */
export const shifted = (track: readonly TrackFix[], startAt: number): TrackFix[] => {
  const from = track[0]?.at ?? 0;
  return track.map((fix) => ({ ...fix, at: fix.at - from + startAt }));
};

interface NumberedFix {
  readonly n: number;
  readonly at: string;
  readonly lat: number;
  readonly lng: number;
  readonly accuracy: number;
}

export const numbered = (track: readonly TrackFix[]): NumberedFix[] =>
  track.map(({ at, lat, lng, accuracy, speed, speedAccuracy, odometer }, index) => ({
    n: index + 1,
    at: new Date(at).toISOString(),
    lat,
    lng,
    accuracy,
    speed,
    speedAccuracy,
    odometer,
  }));

export async function handIn(
  hub: TestHub,
  person: Person,
  ids: { device: string; boot: string },
  batches: readonly (readonly NumberedFix[])[],
): Promise<void> {
  for (const fixes of batches) await hub.api(trackingApi, person).report({ ...ids, fixes: [...fixes] });
}

export const batchesOf = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

/** Adds up what came, and what is due in a moment. */
export async function addUp(hub: TestHub): Promise<void> {
  await hub.work('tracking.compute-day');
  hub.clock.advance(61_000);
  await hub.work('tracking.compute-day');
  hub.clock.advance(61_000);
  await hub.work('tracking.compute-day');
}

/** As an administrator of the organisation sets it. */
export async function setOf(hub: TestHub, { orgId, branchId }: Person, key: string, value: unknown): Promise<void> {
  const admin = await hub.person({ role: 'admin', beside: { orgId, branchId } });
  const api = hub.api(configurationApi, admin);
  const ifMatch = { headers: { 'if-match': '"0"' } };
  await api.setForOrganisation({ ownerId: orgId, key, value, isLocked: false }, ifMatch);
}

export async function ownTrackable(hub: TestHub, person: Person): Promise<string> {
  const rows = await hub.sql<{ id: string }>(
    "SELECT id FROM trackables WHERE org_id = ? AND ref_id = ? AND kind = 'user'",
    [person.orgId, person.userId],
  );
  return rows[0]?.id ?? '';
}
