import type { CheckInRule, NewCheckInRule, RuleSettings } from '@loro/contracts/check-ins-setup';
import type { CheckInType } from '@loro/contracts/check-ins-values';
import type { z } from 'zod';
import {
  type Actor,
  allow,
  Conflict,
  type Hub,
  HubError,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  Remembered,
  ulid,
} from '../../platform';
import { branches } from '../branches';
import { type Rule, settingsFor } from './rules.policy';

interface RuleRow extends Omit<CheckInRule, 'settings' | 'type'> {
  readonly type: string;
  readonly settings: string;
}

const COLUMNS = 'id, type, branch_id AS branchId, role, settings, version';
const KEPT_MS = 30_000;
const KEPT = 5_000;

// What stands there was checked by the contract when it was written.
const toContract = ({ settings, ...row }: RuleRow): CheckInRule => ({
  ...row,
  type: row.type as CheckInType,
  settings: JSON.parse(settings) as Partial<RuleSettings>,
});

/** What checking in asks for, of whom and where. */
export class RulesService {
  private readonly rules: Remembered<readonly Rule[]>;
  private readonly chains: Remembered<readonly string[]>;
  private generation = 0;

  constructor(private readonly hub: Hub) {
    this.rules = new Remembered(KEPT_MS, KEPT, hub.now);
    this.chains = new Remembered(KEPT_MS, KEPT, hub.now);
  }

  start(): void {
    this.hub.changes.onChange(({ userId }) => {
      if (userId === null) this.generation += 1;
    });
  }

  /** What counts for somebody of these roles at a branch; remembered. */
  async settingsFor(
    orgId: string,
    branchId: string | null,
    type: CheckInType,
    roles: readonly string[],
  ): Promise<RuleSettings> {
    const [rules, chain] = await Promise.all([this.rulesOf(orgId), this.chainOf(orgId, branchId)]);
    return settingsFor(rules, { type, chain, roles });
  }

  async list(
    actor: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<CheckInRule>> {
    allow(actor, 'check-ins.configure');
    const [after = ''] = this.hub.cursors.decode('check-in-rules', cursor) ?? [];
    const rows = await this.hub.select<RuleRow>(
      `SELECT ${COLUMNS} FROM check_in_rules WHERE org_id = :orgId AND id > :after ORDER BY id LIMIT :limit`,
      { orgId: actor.orgId, after, limit: limit + 1 },
    );
    return pageOf(rows, limit, ({ id }) => this.hub.cursors.encode('check-in-rules', [id]), toContract);
  }

  async get(actor: Actor, id: string): Promise<CheckInRule> {
    allow(actor, 'check-ins.configure');
    return this.find(actor.orgId, id);
  }

  async create(
    actor: Actor,
    { type, branchId, role, settings }: z.output<typeof NewCheckInRule>,
  ): Promise<CheckInRule> {
    allow(actor, 'check-ins.configure');
    const { orgId } = actor;
    await this.mustHave(orgId, [...(branchId === null ? [] : [branchId]), ...(settings.allowedBranches ?? [])]);
    return this.hub.transact(async (after) => {
      const id = ulid(this.hub.now().getTime());
      await this.hub.sequelize
        .query(
          `INSERT INTO check_in_rules (org_id, id, type, branch_id, role, scope_key, settings, version)
           VALUES (:orgId, :id, :type, :branchId, :role, :scopeKey, :settings, 1)`,
          {
            replacements: {
              orgId,
              id,
              type,
              branchId,
              role,
              scopeKey: `${branchId ?? '*'}:${role ?? '*'}`,
              settings: JSON.stringify(settings),
            },
          },
        )
        .catch(
          onDuplicate((cause) => new Conflict('RULE_EXISTS', 'There is a rule of this type for them.', { cause })),
        );
      const rule: CheckInRule = { id, type, branchId, role, settings, version: 1 };
      after.record({ action: 'check-in-rule.created', entity: { type: 'check-in-rule', id }, branchId, after: rule });
      await this.tellNodes(orgId);
      return rule;
    });
  }

  async change(actor: Actor, id: string, version: number, settings: CheckInRule['settings']): Promise<CheckInRule> {
    const { orgId } = actor;
    await this.mustHave(orgId, settings.allowedBranches ?? []);
    return this.hub.transact(async (after) => {
      const before = await this.lock(actor, id, version);
      const rule = { ...before, settings, version: version + 1 };
      await this.hub.sequelize.query(
        'UPDATE check_in_rules SET settings = :settings, version = :version WHERE org_id = :orgId AND id = :id',
        { replacements: { orgId, id, settings: JSON.stringify(settings), version: rule.version } },
      );
      after.record({ action: 'check-in-rule.changed', entity: { type: 'check-in-rule', id }, before, after: rule });
      await this.tellNodes(orgId);
      return rule;
    });
  }

  async remove(actor: Actor, id: string, version: number): Promise<void> {
    await this.hub.transact(async (after) => {
      const before = await this.lock(actor, id, version);
      await this.hub.sequelize.query('DELETE FROM check_in_rules WHERE org_id = :orgId AND id = :id', {
        replacements: { orgId: actor.orgId, id },
      });
      after.record({ action: 'check-in-rule.removed', entity: { type: 'check-in-rule', id }, before });
      await this.tellNodes(actor.orgId);
    });
  }

  private async lock(actor: Actor, id: string, version: number): Promise<CheckInRule> {
    allow(actor, 'check-ins.configure');
    const rule = await this.find(actor.orgId, id, 'FOR UPDATE');
    if (rule.version !== version)
      throw new HubError('VERSION_CONFLICT', 'The rule was changed meanwhile.', { current: rule });
    return rule;
  }

  private async find(orgId: string, id: string, rest = ''): Promise<CheckInRule> {
    const [row] = await this.hub.select<RuleRow>(
      `SELECT ${COLUMNS} FROM check_in_rules WHERE org_id = :orgId AND id = :id ${rest}`,
      { orgId, id },
    );
    if (!row) throw new NotFound('This rule');
    return toContract(row);
  }

  private async mustHave(orgId: string, branchIds: readonly string[]): Promise<void> {
    for (const id of branchIds)
      if (!(await this.hub.use(branches).exists(orgId, id))) throw new NotFound('This branch');
  }

  private async tellNodes(orgId: string): Promise<void> {
    await this.hub.changes.record({ orgId, userId: null, sessionId: null });
    this.hub.afterCommit(() => {
      this.generation += 1;
    });
  }

  private async rulesOf(orgId: string): Promise<readonly Rule[]> {
    const key = `${this.generation}:${orgId}`;
    const known = this.rules.get(key);
    if (known) return known;
    const rows = await this.hub.reads.all<RuleRow>(`SELECT ${COLUMNS} FROM check_in_rules WHERE org_id = ?`, [orgId]);
    const rules = rows.map(toContract);
    this.rules.set(key, rules);
    return rules;
  }

  /** A branch and those above it; remembered. */
  private async chainOf(orgId: string, branchId: string | null): Promise<readonly string[]> {
    if (branchId === null) return [];
    const key = `${this.generation}:${orgId}:${branchId}`;
    const known = this.chains.get(key);
    if (known) return known;
    const chain = await this.hub.use(branches).chainOf(orgId, branchId);
    this.chains.set(key, chain);
    return chain;
  }
}
