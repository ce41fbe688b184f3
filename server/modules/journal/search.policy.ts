import type { JournalFilter } from '@loro/contracts/journal-entries';
import { HubError, type Reach } from '../../platform';

const DAY_MS = 86_400_000;
const MOST_DAYS = 31;

/** What a search may see, whatever it asks for. */
export interface Sight {
  readonly reach: Reach;
  /** Managers see what happens at their branches, and no security events. */
  readonly hidesSecurity: boolean;
}

export interface Range {
  readonly from: Date | null;
  readonly to: Date;
}

/** The time a search spans: with an entity any, without one at most 31 days. @throws HubError JOURNAL_RANGE_TOO_LARGE */
export function rangeOf(filter: Pick<JournalFilter, 'from' | 'to' | 'entityType' | 'entityId'>, now: Date): Range {
  const to = filter.to === undefined ? now : new Date(filter.to);
  const hasEntity = filter.entityType !== undefined && filter.entityId !== undefined;
  if (filter.from === undefined) return { from: hasEntity ? null : new Date(to.getTime() - MOST_DAYS * DAY_MS), to };
  const from = new Date(filter.from);
  if (!hasEntity && to.getTime() - from.getTime() > MOST_DAYS * DAY_MS)
    throw new HubError('JOURNAL_RANGE_TOO_LARGE', `Ask for at most ${MOST_DAYS} days, or name an entity.`);
  return { from, to };
}

const EXACT = {
  actorId: 'actor_id',
  entityType: 'entity_type',
  entityId: 'entity_id',
  type: 'type',
  action: 'action',
  outcome: 'outcome',
  severity: 'severity',
  branchId: 'branch_id',
} as const satisfies Partial<Record<keyof JournalFilter, string>>;

/** The conditions of a search; values travel as replacements of the same names. */
export function conditionsOf(filter: JournalFilter): string[] {
  return Object.entries(EXACT).flatMap(([name, column]) =>
    Object.hasOwn(filter, name) && Reflect.get(filter, name) !== undefined ? [`${column} = :${name}`] : [],
  );
}

/** An empty list would be no SQL, and no branch is nobody's. */
export function sightConditions({ reach, hidesSecurity }: Sight): string[] {
  const branches = reach.scope === 'org' ? [] : [reach.branchIds.size > 0 ? 'branch_id IN (:branchIds)' : 'FALSE'];
  return hidesSecurity ? [...branches, "type <> 'security_event'"] : branches;
}
