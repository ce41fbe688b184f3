import { configurationLive } from '@loro/contracts/configuration';
import type { Evaluation, Explanation, FeatureFlag, Override } from '@loro/contracts/flags';
import { ForeignKeyConstraintError } from 'sequelize';
import type { z } from 'zod';
import { type Actor, type After, allow, Forbidden, type Hub, NotFound } from '../../platform';
import type { FlagsService } from './flags.service';
import type { FlagsStore } from './flags.store';
import type { ConfigVersions } from './versions.store';

/** Stands for a whole organisation where a person's id would. */
const EVERYBODY = '00000000000000000000000000';

interface Wish {
  readonly isOn: boolean;
  readonly userId?: string | undefined;
  readonly expiresAt?: string | undefined;
}

interface Question {
  readonly orgId?: string | undefined;
  readonly userId?: string | undefined;
  readonly branchId?: string | undefined;
  readonly roles?: string | undefined;
}

/** What an organisation does with the hub's flags: asks them, and switches those it may. */
export class FlagOverridesService {
  constructor(
    private readonly hub: Hub,
    private readonly store: FlagsStore,
    private readonly flags: FlagsService,
    private readonly versions: ConfigVersions,
  ) {}

  async evaluate({ orgId, userId, homeBranchId, roles }: Actor): Promise<{ flags: Evaluation[] }> {
    const branch = homeBranchId === null ? {} : { branchId: homeBranchId };
    const answers = await this.flags.evaluatePublic({ orgId, userId, roles, ...branch });
    return {
      flags: answers.map(({ key, isOn, variant, payload }) => ({
        key,
        isOn,
        variant,
        ...(payload !== undefined && { payload }),
      })),
    };
  }

  async explain(actor: Actor, key: string, { orgId, userId, branchId, roles }: Question): Promise<Explanation> {
    allow(actor, 'flags.explain');
    if (orgId !== undefined && orgId !== actor.orgId) throw new NotFound('This organisation');
    if (branchId !== undefined && !(await this.hub.ports.hasBranch(actor.orgId, branchId)))
      throw new NotFound('This branch');
    return this.flags.explain(key, {
      orgId: actor.orgId,
      ...(userId !== undefined && { userId }),
      ...(branchId !== undefined && { branchId }),
      roles: roles?.split(',') ?? (userId === actor.userId ? actor.roles : []),
    });
  }

  async set(actor: Actor, key: string, { isOn, userId, expiresAt }: Wish): Promise<z.output<typeof Override>> {
    const flag = await this.controllable(actor, key);
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      await this.versions.bump(orgId);
      await this.hub.sequelize
        .query(
          `INSERT INTO flag_overrides (org_id, flag_id, subject_id, user_id, is_on, expires_at, set_by, set_at)
           VALUES (:orgId, :flagId, :subjectId, :userId, :isOn, :expiresAt, :by, :now)
           ON DUPLICATE KEY UPDATE is_on = :isOn, expires_at = :expiresAt, set_by = :by, set_at = :now`,
          {
            replacements: {
              orgId,
              flagId: flag.id,
              subjectId: userId ?? EVERYBODY,
              userId: userId ?? null,
              isOn,
              expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
              by: actor.userId,
              now: this.hub.now(),
            },
          },
        )
        .catch((cause: unknown) => {
          if (cause instanceof ForeignKeyConstraintError) throw new NotFound('This person');
          throw cause;
        });
      this.tell(actor, flag, userId ?? null, isOn, after);
      return { flag: key, userId: userId ?? null, isOn, expiresAt: expiresAt ?? null };
    });
  }

  async clear(actor: Actor, key: string, userId: string | null): Promise<void> {
    const flag = await this.controllable(actor, key);
    const { orgId } = actor;
    await this.hub.transact(async (after) => {
      await this.versions.bump(orgId);
      await this.hub.sequelize.query('DELETE FROM flag_overrides WHERE org_id = ? AND flag_id = ? AND subject_id = ?', {
        replacements: [orgId, flag.id, userId ?? EVERYBODY],
      });
      this.tell(actor, flag, userId, null, after);
    });
  }

  private async controllable(actor: Actor, key: string): Promise<FeatureFlag> {
    allow(actor, 'flags.override');
    const flag = (await this.store.all()).get(key);
    if (!flag || flag.archivedAt !== null) throw new NotFound('This flag');
    if (!flag.isTenantControllable)
      throw new Forbidden('FLAG_NOT_CONTROLLABLE', `${key} is switched by the hub's operator.`);
    return flag;
  }

  private tell(
    { orgId }: Actor,
    { id, key }: FeatureFlag,
    userId: string | null,
    isOn: boolean | null,
    after: After,
  ): void {
    after.record({
      action: isOn === null ? 'flag.override-cleared' : 'flag.overridden',
      entity: { type: 'flag', id },
      data: { key, userId, isOn },
    });
    after.publish(configurationLive, 'flag:changed', { orgId, id: userId ?? orgId }, { keys: [key] });
  }
}
