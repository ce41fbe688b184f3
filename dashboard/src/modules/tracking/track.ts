import { hub } from '../../app/hub';
import { Trail } from './trail';

/** Where somebody went since an instant, as the hub has stored it. */
export async function readTrail(trackableId: string, fromMs: number): Promise<Trail> {
  const from = new Date(fromMs).toISOString();
  const { geometry, properties } = await hub.tracking.track({ trackableId, from });
  const segments = geometry.coordinates.map((line, index) =>
    line.map(([lng, lat], step) => ({ lng, lat, atMs: Date.parse(properties.times[index]?.[step] ?? from) })),
  );
  return new Trail(segments, properties.lengthM);
}
