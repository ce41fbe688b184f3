import { hubNow } from '../../ui/use-now';
import type { FleetStore } from './fleet-store';
import { readTrail } from './track';
import { Trail } from './trail';

const WINDOW_MS = 12 * 60_000;
/** So many tails are read when the page opens; the others begin where their people are. */
const MOST_READ = 40;
const AT_ONCE = 3;

/** The last minutes of everybody who moves: where they came from, and by that where the roads are. */
export class Tails {
  private readonly trails = new Map<string, Trail>();
  private readonly off: () => void;
  private isClosed = false;

  constructor(private readonly fleet: FleetStore) {
    this.off = fleet.onMoved(() => this.extend());
    this.extend();
    fleet.ready.then(() => this.readAll()).catch(() => undefined);
  }

  close(): void {
    this.isClosed = true;
    this.off();
  }

  /** By the person's id. */
  get all(): ReadonlyMap<string, Trail> {
    return this.trails;
  }

  private extend(): void {
    const since = hubNow() - WINDOW_MS;
    for (const { id, fix, state } of this.fleet.people) {
      const trail = this.trails.get(id);
      trail?.forgetBefore(since);
      if (!fix || fix.at < since || (state !== 'moving' && !trail)) continue;
      if (trail) trail.extend(fix);
      else this.trails.set(id, new Trail([[{ lng: fix.lng, lat: fix.lat, atMs: fix.at }]], 0));
    }
  }

  private async readAll(): Promise<void> {
    const since = hubNow() - WINDOW_MS;
    const wanted = this.fleet.people.filter(({ fix }) => fix !== null && fix.at >= since).slice(0, MOST_READ);
    const lane = async (): Promise<void> => {
      for (let person = wanted.shift(); person && !this.isClosed; person = wanted.shift()) {
        const trail = await readTrail(person.id, since);
        const fix = this.fleet.person(person.id)?.fix;
        if (fix) trail.extend(fix);
        this.trails.set(person.id, trail);
      }
    };
    // A tail that cannot be read is missing, no more.
    await Promise.allSettled(Array.from({ length: AT_ONCE }, lane));
  }
}
