import type { RecordCheckIn } from '@loro/contracts/check-ins-values';
import { NotFound } from '../../platform';

type TargetType = NonNullable<RecordCheckIn['target']>['type'];

/** What the room of a target knows of it. */
export interface Target {
  readonly fence: { readonly lat: number; readonly lng: number; readonly radiusM: number } | null;
  /** When a meeting begins. */
  readonly startsAt: Date | null;
}

interface Spot {
  readonly lat: number;
  readonly lng: number;
}

/** @returns null where the organisation has no such thing */
type FindTarget = (orgId: string, id: string) => Promise<Target | null>;

/** What higher rooms tell: their things that are visited, days that are locked, who may work from home. */
export interface CheckInHooks {
  readonly targets?: Partial<Record<TargetType, FindTarget>>;
  readonly isLocked?: (orgId: string, userId: string, localDate: string) => Promise<boolean>;
  /** Whether a person is planned to work from home that day; null where nothing is planned. */
  readonly isRemote?: (orgId: string, userId: string, localDate: string) => Promise<boolean | null>;
  /** Whether an address belongs to another country than a place; networks of the organisation’s own do not count. */
  readonly isAddressElsewhere?: (orgId: string, address: string, place: Spot) => Promise<boolean>;
}

/** The hooks of all rooms. */
export class TargetsBook {
  private readonly hooks: CheckInHooks[] = [];

  add(hooks: CheckInHooks): void {
    this.hooks.push(hooks);
  }

  /** Null where no room knows such things yet; then the call itself says where it is. @throws NotFound */
  async find(orgId: string, { type, id }: NonNullable<RecordCheckIn['target']>): Promise<Target | null> {
    const find = this.hooks.flatMap(({ targets }) => targets?.[type] ?? [])[0];
    if (!find) return null;
    const target = await find(orgId, id);
    if (!target) throw new NotFound('What is visited');
    return target;
  }

  async isLocked(orgId: string, userId: string, localDate: string): Promise<boolean> {
    for (const { isLocked } of this.hooks) if (await isLocked?.(orgId, userId, localDate)) return true;
    return false;
  }

  /** Whether a plan says that the person is elsewhere than at home. */
  async isPlannedElsewhere(orgId: string, userId: string, localDate: string): Promise<boolean> {
    for (const { isRemote } of this.hooks) if ((await isRemote?.(orgId, userId, localDate)) === false) return true;
    return false;
  }

  async isAddressElsewhere(orgId: string, address: string, place: Spot): Promise<boolean> {
    for (const hooks of this.hooks) if (await hooks.isAddressElsewhere?.(orgId, address, place)) return true;
    return false;
  }
}
