import type { BranchSettings } from '@loro/contracts/branches-figures';
import { settingRegistry } from '@loro/contracts/catalog';
import type { z } from 'zod';
import { type AccessToken, type Actor, allow, type Hub, type Page } from '../../platform';
import { configuration } from '../configuration';
import type { BranchesStore } from './branches.store';

type Effective = z.output<typeof BranchSettings>['settings'][number];

/** Who changes settings, by what sign-in and from where. */
interface Changer {
  readonly actor: Actor;
  readonly token: AccessToken;
  readonly ip: string;
}

interface Wanted {
  readonly key: string;
  readonly value?: unknown;
  readonly isLocked: boolean;
}

/** Everything that may be set for a branch. */
const keys = Object.keys(settingRegistry).filter((key) => settingRegistry[key]?.levels.includes('branch'));

/** What is set for a branch; the configuration room keeps it. */
export class BranchSettingsService {
  constructor(
    private readonly hub: Hub,
    private readonly branches: BranchesStore,
  ) {}

  async list(
    actor: Actor,
    branchId: string,
    page: { limit: number; cursor?: string | undefined },
  ): Promise<Page<Effective>> {
    await this.branches.find(actor.orgId, branchId);
    if (keys.length === 0) return { items: [], nextCursor: null };
    return this.hub.use(configuration).effective.effective(actor, { ...page, branchId, keys: keys.join(',') });
  }

  async set(
    changer: Changer,
    branchId: string,
    { settings, reason }: { settings: readonly Wanted[]; reason?: string | undefined },
  ): Promise<z.output<typeof BranchSettings>> {
    const { actor } = changer;
    allow(actor, 'config.write-branch', { branchId, what: 'This branch' });
    await this.branches.find(actor.orgId, branchId);
    const room = this.hub.use(configuration).settings;
    const wanted = settings.map((one) => ({ ...one, level: 'branch' as const, ownerId: branchId }));
    for (const one of wanted) await room.authorise(changer, one);
    await this.hub.transact((after) => room.apply(wanted, room.by(changer, reason), after));
    const changed = settings.map(({ key }) => key).join(',');
    const { items } = await this.hub
      .use(configuration)
      .effective.effective(actor, { branchId, keys: changed, limit: 200 });
    return { branchId, settings: items };
  }
}
