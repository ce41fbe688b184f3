import { createHash } from 'node:crypto';
import { Id } from '@loro/contracts/kit/values';
import type { ImportReport, LineError, NewUserImport, UserImport } from '@loro/contracts/people-import';
import { peopleLive } from '@loro/contracts/people-live';
import type { z } from 'zod';
import { type Actor, type After, Forbidden, type Hub, Invalid, reachOf, ulidInOrder } from '../../platform';
import type { HookBook } from './hooks';
import { type Planned, planOf, type Plan } from './import-plan.policy';
import { type ImportFile, readFile, UnreadableFile } from './import.policy';
import type { ImportStore } from './import.store';
import { mustNotMakeOwner } from './invitations.service';
import { noteUser } from './telling';
import type { UsersStore } from './users.store';

const ROWS_AT_ONCE = 500;
const ERRORS_TOLD = 1_000;

interface Uses {
  readonly users: UsersStore;
  readonly hooks: HookBook;
  readonly store: ImportStore;
}

/** Whose organisation, and by whose hand. */
type Importer = Pick<Actor, 'orgId' | 'userId'>;

/** People from a file: all good lines in one transaction, or nothing. */
export class ImportService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  async import(actor: Actor, input: z.output<typeof UserImport>): Promise<ImportReport> {
    mayImport(actor, input.roles);
    const file = fileOf(input.csv);
    if (input.dryRun) return reportOf(file, await this.plan(actor.orgId, file), true);
    return this.hub.transact((after) => this.run(actor, input, after));
  }

  /** In the caller's transaction. @param progress hears how many people have been written */
  async run(
    by: Importer,
    input: z.output<typeof NewUserImport>,
    after: After,
    progress: (done: number) => void = () => undefined,
  ): Promise<ImportReport> {
    const file = fileOf(input.csv);
    await this.uses.users.lockOrganisation(by.orgId, 'update');
    const plan = await this.plan(by.orgId, file);
    if (plan.errors.length > 0 && !input.skipBad) throw refused(plan.errors);
    await this.create(by, plan.created, { roles: input.roles, after, progress });
    await this.update(by.orgId, plan, after, (done) => progress(plan.created.length + done));
    this.tell(by, { plan, csv: input.csv, after });
    return reportOf(file, plan, false);
  }

  private async plan(orgId: string, file: ImportFile): Promise<Plan> {
    const known = await this.uses.store.known(orgId);
    const codes = file.lines.flatMap(({ branch }) => (branch === undefined ? [] : [branch]));
    const branches = await this.branchesOf(orgId, [...new Set(codes)]);
    const at = this.hub.now().getTime();
    return planOf(file, { known, branches, newId: () => ulidInOrder(at) });
  }

  /** By id or by code. */
  private async branchesOf(orgId: string, names: readonly string[]): Promise<Map<string, string>> {
    const byCode = names.length === 0 ? new Map<string, string>() : await this.uses.hooks.branchesByCode(orgId, names);
    for (const name of names)
      if (!byCode.has(name) && Id.safeParse(name).success && (await this.hub.ports.hasBranch(orgId, name)))
        byCode.set(name, name);
    return byCode;
  }

  private async create(
    by: Importer,
    created: readonly Planned[],
    { roles, after, progress }: { roles: readonly string[]; after: After; progress: (done: number) => void },
  ): Promise<void> {
    const { orgId } = by;
    const now = this.hub.now();
    for (let from = 0; from < created.length; from += ROWS_AT_ONCE) {
      const part = created.slice(from, from + ROWS_AT_ONCE);
      // Managers of the same file may stand in a later line, so they are set when everybody is there.
      const rows = await this.uses.users.createAll(
        part.map(({ id, email, fields }) => ({
          name: email,
          jobTitle: null,
          employeeNo: null,
          homeBranchId: null,
          ...fields,
          managerId: null,
          orgId,
          id,
          email,
          status: 'invited',
          kind: 'person',
          createdAt: now,
          invitedAt: now,
          version: 1,
        })),
      );
      const invited = rows.map((row, index) => {
        const planned = part[index];
        const user = { ...row.toContract(), managerId: planned?.fields.managerId ?? null, orgId };
        return { user, roles: planned?.roles ?? roles, branchId: user.homeBranchId, invitedBy: by.userId };
      });
      await this.uses.hooks.invite(invited, after);
      for (const { user, roles: given } of invited)
        noteUser(after, 'user.invited', { orgId, user, data: { roles: given.join(' ') } });
      progress(from + part.length);
    }
    await this.uses.store.setManagers(orgId, created);
  }

  private async update(
    orgId: string,
    { updated }: Plan,
    after: After,
    progress: (done: number) => void,
  ): Promise<void> {
    for (const [index, { id, fields }] of updated.entries()) {
      const row = await this.uses.users.lock(orgId, id);
      const { before, user } = await this.uses.users.change(row, fields);
      await this.uses.hooks.run('onChange', { orgId, before, user: { ...user, orgId } }, after);
      noteUser(after, 'user.updated', { orgId, user, before });
      progress(index + 1);
    }
  }

  private tell(by: Importer, { plan, csv, after }: { plan: Plan; csv: string; after: After }): void {
    const { orgId } = by;
    const at = (planned: readonly Planned[], branchId: string) =>
      planned.filter(({ fields }) => fields.homeBranchId === branchId).length;
    const branchIds = new Set([...plan.created, ...plan.updated].map(({ fields }) => fields.homeBranchId));
    for (const id of branchIds)
      if (typeof id === 'string')
        after.publish(
          peopleLive,
          'users:imported',
          { orgId, id },
          { branchId: id, created: at(plan.created, id), updated: at(plan.updated, id) },
        );
    after.record({
      action: 'users.imported',
      type: 'user_action',
      orgId,
      entity: { type: 'organisation', id: orgId },
      data: {
        created: plan.created.length,
        updated: plan.updated.length,
        unchanged: plan.unchanged,
        bad: badLines(plan.errors),
        askedBy: by.userId,
        fileSha256: createHash('sha256').update(csv).digest('hex'),
      },
    });
  }
}

/** @throws Forbidden, Conflict OWNER_IMMUTABLE */
export function mayImport(actor: Actor, roles: readonly string[]): void {
  if (reachOf(actor, 'people.write').scope !== 'org')
    throw new Forbidden('FORBIDDEN', 'Importing needs the permission people.write for the whole organisation.');
  mustNotMakeOwner(roles);
}

/** @throws Invalid naming what keeps the whole file from being read */
export function fileOf(csv: string): ImportFile {
  try {
    return readFile(csv);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    throw new Invalid('VALIDATION_FAILED', `The file ${error.message}.`, {
      errors: [{ path: 'csv', code: error.code, message: error.message }],
    });
  }
}

const badLines = (errors: readonly LineError[]): number => new Set(errors.map(({ line }) => line)).size;

const refused = (errors: readonly LineError[]): Invalid =>
  new Invalid('VALIDATION_FAILED', `${badLines(errors)} lines are wrong, so nothing was written.`, {
    errors: errors.slice(0, ERRORS_TOLD).map(({ line, field, code, message }) => ({
      path: `csv.${line}${field === '' ? '' : `.${field}`}`,
      code,
      message,
    })),
  });

const reportOf = (file: ImportFile, plan: Plan, dryRun: boolean): ImportReport => ({
  dryRun,
  rows: file.rows,
  created: plan.created.length,
  updated: plan.updated.length,
  unchanged: plan.unchanged,
  bad: badLines(plan.errors),
  errors: plan.errors.slice(0, ERRORS_TOLD),
});
