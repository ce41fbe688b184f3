import { addDays, type Hub } from '../../platform';
import type { LeaveAccountsStore } from './leave-accounts.store';
import type { LeaveTypesService } from './leave-types.service';

export interface TimeOffGrant {
  readonly orgId: string;
  readonly userId: string;
  readonly milliDays: number;
  readonly earnedOn: string;
  /** One grant a claim, however often it is asked for. */
  readonly sourceKey: string;
}

/** Overtime that becomes time off in lieu. */
export class TimeOffService {
  constructor(
    private readonly hub: Hub,
    private readonly accounts: LeaveAccountsStore,
    private readonly types: LeaveTypesService,
  ) {}

  /** In the caller’s transaction. @returns false where the organisation has no type of leave for it */
  async grant({ orgId, userId, milliDays, earnedOn, sourceKey }: TimeOffGrant): Promise<boolean> {
    const type = await this.types.timeOff(orgId);
    if (!type) return false;
    const account = { orgId, userId, typeId: type.id };
    await this.hub.transact(async () => {
      await this.accounts.lock(account);
      const key = `comp:${sourceKey}`;
      if ((await this.accounts.lots(account)).some((lot) => lot.sourceKey === key)) return;
      const expiresOn = type.timeOffDays === null ? null : addDays(earnedOn, type.timeOffDays);
      await this.accounts.add(
        account,
        { kind: 'comp_off', milliDays, validFrom: earnedOn, expiresOn, sourceKey: key },
        { reason: 'accrue', on: earnedOn, note: 'overtime' },
      );
    });
    return true;
  }
}
