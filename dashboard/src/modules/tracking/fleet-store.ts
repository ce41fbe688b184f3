import type { Fleet, FleetMember } from '@loro/client';
import { hubNow } from '../../ui/use-now';
import { distance } from '../../map/geo';
import { type Fix, type Person, stateOf } from './person-state';

/** The people on the map, each with a state. The map hears every step, the page looks once a second. */
export class FleetStore {
  private readonly known = new Map<string, Person>();
  /** Metres a second between the last two fixes of each. */
  private readonly paces = new Map<string, number>();
  private readonly listeners = new Set<() => void>();
  private readonly offs: (() => void)[];
  private sorted: readonly Person[] = [];
  private isOrderOld = true;

  constructor(private readonly fleet: Fleet) {
    this.offs = [
      this.fleet.on('moved', (ids) => this.refresh(ids)),
      this.fleet.on('changed', () => this.refresh(null)),
    ];
    this.refresh(null);
  }

  close(): void {
    for (const off of this.offs) off();
    this.fleet.close();
    this.listeners.clear();
  }

  /** Whether the first snapshot is here; rejects when nobody of these branches may be seen. */
  get ready(): Promise<void> {
    return this.fleet.ready;
  }

  /** Those who report, then the others, each by name. The same array as long as nothing changed. */
  get people(): readonly Person[] {
    return this.sorted;
  }

  person(id: string): Person | undefined {
    return this.known.get(id);
  }

  onMoved(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Time alone makes data late. */
  tick(): void {
    this.refresh(null);
  }

  private refresh(ids: Iterable<string> | null): void {
    const { members } = this.fleet;
    let hasChanged = false;
    for (const id of ids ?? members.keys()) {
      const member = members.get(id);
      if (member && this.take(id, member)) hasChanged = true;
    }
    if (ids === null) {
      for (const id of this.known.keys()) {
        if (members.has(id)) continue;
        this.known.delete(id);
        hasChanged = true;
        this.isOrderOld = true;
      }
    }
    if (!hasChanged) return;
    // Sorting thousands by name with every packet would be most of the work of this page.
    if (this.isOrderOld) this.sorted = [...this.known.values()].toSorted(byPresenceAndName);
    else this.sorted = this.sorted.map((person) => this.known.get(person.id) ?? person);
    this.isOrderOld = false;
    for (const listener of this.listeners) listener();
  }

  private take(id: string, { trackable, position }: FleetMember): boolean {
    const old = this.known.get(id);
    if (old?.fix && position && position.at > old.fix.at) this.paces.set(id, paceOf(old.fix, position));
    const state = stateOf(trackable, position, this.paces.get(id) ?? 0, hubNow());
    const { name, branchId, lostAt } = trackable;
    const isSame =
      old?.state === state &&
      old.fix === position &&
      old.name === name &&
      old.branchId === branchId &&
      old.lostAt === lostAt;
    if (isSame) return false;
    const person: Person = { id, name, branchId, state, fix: position, lostAt };
    if (old?.name !== name || isAway(old) !== isAway(person)) this.isOrderOld = true;
    this.known.set(id, person);
    return true;
  }
}

const collator = new Intl.Collator();

/** Those who report first: whoever looks at a live list looks for them. */
const isAway = ({ state }: Person): boolean => state === 'lost' || state === 'unseen';
const byPresenceAndName = (a: Person, b: Person): number =>
  Number(isAway(a)) - Number(isAway(b)) || collator.compare(a.name, b.name);

/** Less than the two fixes may be wrong by is no movement. */
function paceOf(before: Fix, after: Fix): number {
  const metres = distance(before, after);
  const seconds = (after.at - before.at) / 1000;
  return seconds > 0 && metres > Math.max(10, before.accuracy ?? 0, after.accuracy ?? 0) ? metres / seconds : 0;
}
