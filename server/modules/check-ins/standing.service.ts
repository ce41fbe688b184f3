import type { RuleSettings } from '@loro/contracts/check-ins-setup';
import type { RecordCheckIn } from '@loro/contracts/check-ins-values';
import { cellToLatLng, latLngToCell } from 'h3-js';
import tzlookup from '@photostructure/tz-lookup';
import { type Actor, Conflict, type Hub, NotFound, Remembered } from '../../platform';
import { branches, shapeOf, type WatchedFence } from '../branches';
import type { TargetsBook } from './targets';
import type { RulesService } from './rules.service';

interface Spot {
  readonly lat: number;
  readonly lng: number;
  readonly accuracy?: number | undefined;
}

/** Where a check-in counts, and how surely it was there. */
export interface Standing {
  readonly branchId: string;
  readonly rule: RuleSettings;
  /** The surest of the fences that count; null where none does. */
  readonly fence: {
    readonly id: string;
    readonly center: Spot;
    readonly signedDistanceM: number;
    readonly insideP: number;
  } | null;
  readonly startsAt: Date | null;
}

type Asked = Pick<RecordCheckIn, 'type' | 'branchId' | 'target' | 'targetFence' | 'meeting'>;
type Fence = Pick<WatchedFence, 'center' | 'signedDistanceM' | 'insideProbability'> & { readonly id: string };

const KEPT_MS = 30_000;

/** Which branch and fence a check-in belongs to: the surest one of those that the person may use. */
export class StandingService {
  /** Where people belong. */
  private readonly places: Remembered<readonly string[]>;
  private generation = 0;

  constructor(
    private readonly hub: Hub,
    private readonly rules: RulesService,
    private readonly targets: TargetsBook,
  ) {
    this.places = new Remembered(KEPT_MS, 20_000, hub.now);
  }

  start(): void {
    this.hub.changes.onChange(() => {
      this.generation += 1;
    });
  }

  /** @throws NotFound for a branch or a target of somebody else, Conflict NO_BRANCH */
  async of(actor: Actor, asked: Asked, at: Spot | null, atMs: number): Promise<Standing> {
    const { orgId } = actor;
    const belongs = await this.placesOf(actor);
    const first = asked.branchId ?? belongs[0] ?? null;
    if (first === null) throw new Conflict('NO_BRANCH', 'Name the branch: you have no home branch.');
    if (asked.branchId !== undefined && !(await this.hub.use(branches).exists(orgId, asked.branchId)))
      throw new NotFound('This branch');
    const target = asked.target ? await this.targets.find(orgId, asked.target) : null;
    const startsAt = target?.startsAt ?? (asked.meeting ? new Date(asked.meeting.startsAt) : null);
    const rule = await this.rules.settingsFor(orgId, first, asked.type, actor.roles);
    const given = target?.fence ?? asked.targetFence;
    const found = given
      ? [{ id: 'target', branchId: first, ...shapeOf({ center: given, radiusM: given.radiusM }) }]
      : await this.fencesFor(orgId, { asked, belongs, rule, atMs });
    const best = at ? surest(found, at) : null;
    const branchId = asked.branchId ?? (given ? first : (best?.fence.branchId ?? first));
    return {
      branchId,
      rule: branchId === first ? rule : await this.rules.settingsFor(orgId, branchId, asked.type, actor.roles),
      fence: best && {
        id: best.fence.id,
        center: best.fence.center,
        signedDistanceM: Math.round(best.s * 10) / 10,
        insideP: Math.round(best.p * 1_000) / 1_000,
      },
      startsAt,
    };
  }

  /** Fences of the branches that count, and those around the client who is visited. */
  private async fencesFor(
    orgId: string,
    { asked, belongs, rule, atMs }: { asked: Asked; belongs: readonly string[]; rule: RuleSettings; atMs: number },
  ): Promise<(Fence & { branchId: string | null })[]> {
    if (rule.fence === 'none') return [];
    const { fences } = await this.hub.use(branches).fenceIndex(orgId);
    const active = fences.filter(({ hours }) => hours?.isActive(atMs) ?? true);
    if (asked.type === 'client-visit' && asked.target)
      return active.filter(({ clientId }) => clientId === asked.target?.id);
    const allowed = rule.allowedBranches.length > 0 ? rule.allowedBranches : belongs;
    const counting = asked.branchId === undefined ? allowed : allowed.filter((id) => id === asked.branchId);
    const advisory = rule.fence === 'advisory' && asked.branchId !== undefined ? [asked.branchId] : counting;
    return active.filter(
      ({ branchId, clientId }) => clientId === null && branchId !== null && advisory.includes(branchId),
    );
  }

  private async placesOf({ orgId, userId, homeBranchId }: Actor): Promise<readonly string[]> {
    const key = `${this.generation}:${orgId}:${userId}`;
    const known = this.places.get(key);
    if (known) return known;
    const found = await this.hub.use(branches).placesOf(orgId, userId);
    const places = homeBranchId === null ? found : [homeBranchId, ...found.filter((id) => id !== homeBranchId)];
    this.places.set(key, places);
    return places;
  }
}

function surest<F extends Fence>(fences: readonly F[], at: Spot): { fence: F; s: number; p: number } | null {
  const judged = fences.map((fence) => ({
    fence,
    s: fence.signedDistanceM(at),
    p: fence.insideProbability(at, at.accuracy ?? 0),
  }));
  const [best] = judged.toSorted((a, b) => b.p - a.p || b.s - a.s || (a.fence.id < b.fence.id ? -1 : 1));
  return best ?? null;
}

const CITY = 7;
const BLOCK = 9;
export const cityCell = ({ lat, lng }: Spot): string => latLngToCell(lat, lng, CITY);
export const blockCell = ({ lat, lng }: Spot): string => latLngToCell(lat, lng, BLOCK);

/** The middle of a cell, with its size as the accuracy. */
export function middleOf(cell: string, accuracy: number): { lat: number; lng: number; accuracy: number } {
  const [lat, lng] = cellToLatLng(cell);
  return { lat, lng, accuracy };
}

/** The zone of a place; null at sea, where nobody’s clocks say anything. */
export function zoneAt({ lat, lng }: Spot): string | null {
  const zone = tzlookup(lat, lng);
  return zone.startsWith('Etc/') ? null : zone;
}
