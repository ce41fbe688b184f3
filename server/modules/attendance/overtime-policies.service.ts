import {
  type NewPolicy,
  type OvertimePolicy,
  type OvertimePreset,
  OvertimeRules,
  type PolicyChange,
  presetCodes,
} from '@loro/contracts/attendance-overtime';
import { ForeignKeyConstraintError } from 'sequelize';
import type { z } from 'zod';
import {
  type Actor,
  type After,
  allow,
  Conflict,
  type Hub,
  onDuplicate,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import { PRESETS } from './overtime-presets';
import { found, mustStand } from './reach';
import type { RecomputingService } from './recomputing.service';

interface Paged {
  readonly limit: number;
  readonly cursor?: string | undefined;
}
interface Row extends Omit<OvertimePolicy, 'rules' | 'isDefault'> {
  readonly rules: string;
  readonly isDefault: number;
}

const everywhere = { branchId: null, what: 'The organisation' };
const toContract = ({ rules, isDefault, ...row }: Row): OvertimePolicy => ({
  ...row,
  isDefault: Boolean(isDefault),
  rules: OvertimeRules.parse(JSON.parse(rules)),
});

/** What counts as overtime; presets are data that the customer checks. */
export class OvertimePoliciesService {
  constructor(
    private readonly hub: Hub,
    private readonly recomputing: RecomputingService,
  ) {}

  async presets(actor: Actor): Promise<{ presets: z.output<typeof OvertimePreset>[] }> {
    allow(actor, 'shifts.read');
    return { presets: presetCodes.map((code) => ({ code, ...PRESETS[code] })) };
  }

  async list(actor: Actor, { limit, cursor }: Paged): Promise<Page<OvertimePolicy>> {
    allow(actor, 'shifts.read');
    const after = this.hub.cursors.decode('overtime-policies', cursor);
    const rows = await this.read(
      actor.orgId,
      after ? 'name > :after' : '1 = 1',
      { after: after?.[0] },
      `LIMIT ${limit + 1}`,
    );
    return pageOf(
      rows,
      limit,
      ({ name }) => this.hub.cursors.encode('overtime-policies', [name]),
      (row) => row,
    );
  }

  async get(actor: Actor, id: string): Promise<OvertimePolicy> {
    allow(actor, 'shifts.read');
    return this.find(actor.orgId, id);
  }

  async create(actor: Actor, input: z.output<typeof NewPolicy>): Promise<OvertimePolicy> {
    allow(actor, 'shifts.manage', everywhere);
    const { name, preset, isDefault } = input;
    const rules = input.rules ?? (preset === null ? OvertimeRules.parse({}) : PRESETS[preset].rules);
    const policy: OvertimePolicy = { id: ulid(), name, preset, isDefault, rules, version: 1 };
    return this.hub.transact(async (after) => {
      await this.save(actor.orgId, policy);
      if (isDefault) await this.recomputing.everybody(actor.orgId, after);
      this.tell(after, 'overtime-policy.created', actor.orgId, policy.id, { after: policy });
      return policy;
    });
  }

  async update(
    actor: Actor,
    id: string,
    version: number,
    change: z.output<typeof PolicyChange>,
  ): Promise<OvertimePolicy> {
    allow(actor, 'shifts.manage', everywhere);
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const before = await this.find(orgId, id, 'FOR UPDATE');
      mustStand(before, version);
      const { name = before.name, isDefault = before.isDefault, rules = before.rules } = change;
      const policy: OvertimePolicy = { ...before, name, isDefault, rules, version: version + 1 };
      await this.save(orgId, policy);
      await this.recomputing.everybody(orgId, after);
      this.tell(after, 'overtime-policy.updated', orgId, id, { before, after: policy });
      return policy;
    });
  }

  async remove(actor: Actor, id: string, version: number): Promise<void> {
    allow(actor, 'shifts.manage', everywhere);
    const { orgId } = actor;
    await this.hub.transact(async (after) => {
      const before = await this.find(orgId, id, 'FOR UPDATE');
      mustStand(before, version);
      await this.run('DELETE FROM overtime_policies WHERE org_id = ? AND id = ?', [orgId, id]).catch(
        (cause: unknown) => {
          if (!(cause instanceof ForeignKeyConstraintError)) throw cause;
          throw new Conflict('POLICY_IN_USE', `Shifts name ${before.name}.`, { cause });
        },
      );
      await this.recomputing.everybody(orgId, after);
      this.tell(after, 'overtime-policy.removed', orgId, id, { before });
    });
  }

  /** One policy is everybody’s: the one that becomes it takes the mark from the other. */
  private async save(orgId: string, { id, name, preset, isDefault, rules, version }: OvertimePolicy): Promise<void> {
    if (isDefault)
      await this.run(
        'UPDATE overtime_policies SET is_default = FALSE, default_mark = NULL, version = version + 1 WHERE org_id = ? AND default_mark = 1 AND id <> ?',
        [orgId, id],
      );
    const values = [name, preset, isDefault, isDefault ? 1 : null, JSON.stringify(rules), version];
    const saved =
      version === 1
        ? this.run(
            'INSERT INTO overtime_policies (name, preset, is_default, default_mark, rules, version, org_id, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
            [...values, orgId, id],
          )
        : this.run(
            'UPDATE overtime_policies SET name = ?, preset = ?, is_default = ?, default_mark = ?, rules = ?, version = ? WHERE org_id = ? AND id = ?',
            [...values, orgId, id],
          );
    await saved.catch(
      onDuplicate((cause) => new Conflict('POLICY_NAME_TAKEN', 'Another policy has this name.', { cause })),
    );
  }

  private async find(orgId: string, id: string, lock = ''): Promise<OvertimePolicy> {
    const [row] = await this.read(orgId, 'id = :id', { id }, lock);
    return found(row, 'This overtime policy');
  }

  private async read(
    orgId: string,
    where: string,
    values: Record<string, unknown>,
    tail: string,
  ): Promise<OvertimePolicy[]> {
    const rows = await this.hub.select<Row>(
      `SELECT id, name, preset, is_default AS isDefault, rules, version FROM overtime_policies
        WHERE org_id = :orgId AND ${where} ORDER BY name ${tail}`,
      { ...values, orgId },
    );
    return rows.map(toContract);
  }

  private tell(
    after: After,
    action: `overtime-policy.${string}`,
    orgId: string,
    id: string,
    change: { before?: object; after?: object },
  ): void {
    after.record({ action, orgId, entity: { type: 'overtime-policy', id }, ...change });
  }

  private async run(sql: string, replacements: unknown[]): Promise<void> {
    await this.hub.sequelize.query(sql, { replacements });
  }
}
