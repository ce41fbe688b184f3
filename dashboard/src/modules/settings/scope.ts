import type { Me } from '@loro/contracts/auth';
import type { SettingLevel } from '@loro/contracts/kit/settings';
import { mayOf } from '../../app/session';
import { reaches } from '../people/reach';

/** Whom settings are looked at for. */
export interface SettingScope {
  readonly level: Exclude<SettingLevel, 'platform'>;
  readonly ownerId: string;
  readonly title: string;
}

/** What the hub is asked for it. */
export const queryOf = ({ level, ownerId }: SettingScope) => ({
  ...(level === 'branch' && { branchId: ownerId }),
  ...(level === 'user' && { userId: ownerId }),
});

/** Whether the signed-in person may set something for it. */
export function maySet(me: Me, { level, ownerId }: SettingScope): boolean {
  if (level === 'organisation') return mayOf(me, 'config.write-organisation');
  if (level === 'branch') return reaches(me, 'config.write-branch', { homeBranchId: ownerId });
  return reaches(me, 'config.write-user', { id: ownerId, homeBranchId: null });
}
