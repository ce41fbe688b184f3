import type { AccessRule, Explanation, ExplainQuery } from '@loro/contracts/access-explain';
import type { z } from 'zod';
import { type Actor, allow, type Hub, type Page, pageOf } from '../../platform';
import { people } from '../people';
import { isPermission } from './access.policy';
import { stepsOf } from './admission.policy';
import type { Admission } from './admission.service';
import { type Row, rowOf, rules } from './catalogue.policy';

type Asked = z.output<typeof ExplainQuery>;
type Steps = Explanation['steps'];

/** Why somebody may or may not do something, and the rule of everything there is. */
export class Explainer {
  constructor(
    private readonly hub: Hub,
    private readonly admission: Admission,
    private readonly actorOf: (orgId: string, userId: string) => Promise<Actor>,
  ) {}

  /** @throws NotFound for a person of another organisation */
  async explain(actor: Actor, asked: Asked): Promise<Explanation> {
    const { orgId } = actor;
    const { homeBranchId, status } = await this.hub.use(people).byId(orgId, asked.userId);
    allow(actor, 'access.explain', { userId: asked.userId, branchId: homeBranchId, what: 'This person' });
    const row = rowOf(asked);
    const steps: Steps = [
      step('row', row ? null : 'NOT_FOUND', row ? row.summary : 'The hub has no such route or call.'),
    ];
    let reach: Explanation['reach'] = null;
    if (row?.public !== undefined)
      steps.push({ ...step('account', null, `Public: ${row.public}.`), outcome: 'not-asked' });
    else if (row) {
      const isActive = status === 'active';
      steps.push(step('account', isActive ? null : 'SESSION_REVOKED', `The account is ${status.replace('_', ' ')}.`));
      const person = await this.actorOf(orgId, asked.userId);
      steps.push(...(await this.judge(person, row)));
      const held = isPermission(row.permission ?? '') ? grantOf(person, row.permission) : undefined;
      reach = held ? { scope: held.scope, branchIds: [...held.branchIds] } : null;
    }
    const refused = steps.find(({ outcome }) => outcome === 'refused');
    return {
      userId: asked.userId,
      row: row?.name ?? null,
      isAllowed: refused === undefined,
      code: refused?.code ?? null,
      steps,
      reach,
    };
  }

  async matrix(
    actor: Actor,
    { limit, cursor, room }: { limit: number; cursor?: string | undefined; room?: string | undefined },
  ): Promise<Page<AccessRule>> {
    allow(actor, 'access.explain');
    const after = String(this.hub.cursors.decode('access-matrix', cursor)?.[0] ?? '');
    const left = rules().filter((rule) => rule.row > after && (room === undefined || rule.room === room));
    return pageOf(
      left,
      limit,
      ({ row }) => this.hub.cursors.encode('access-matrix', [row]),
      (rule) => rule,
    );
  }

  private async judge(person: Actor, { demands, permission }: Row): Promise<Steps> {
    const wanted = permission !== undefined && isPermission(permission) ? permission : undefined;
    const { orgId, userId, sessionId } = person;
    // As if the person had signed in just now: whether that is so, only the call itself knows.
    const now = this.hub.now();
    const token = { orgId, userId, sessionId, expiresAt: now, authenticatedAt: now };
    const question = await this.admission.question(person, token, demands, wanted);
    return stepsOf(question).map(({ step: name, refusal }) => {
      if (refusal) return step(name, refusal.code, refusal.detail);
      if (name === 'fresh-sign-in' && demands.freshSignIn)
        return { ...step(name, null, 'Needs a sign-in of the last five minutes.'), outcome: 'depends' };
      return step(name, null, passed(name, question.license.state, { demands, permission }));
    });
  }
}

const step = (name: Steps[number]['step'], code: string | null, detail: string): Steps[number] => ({
  step: name,
  outcome: code === null ? 'passed' : 'refused',
  code,
  detail,
});

const grantOf = ({ grants }: Actor, permission: string | undefined) =>
  permission !== undefined && isPermission(permission) ? grants.get(permission) : undefined;

function passed(name: string, state: string, { demands, permission }: Pick<Row, 'demands' | 'permission'>): string {
  if (name === 'license') return `The licence is ${state.replace('_', ' ')}.`;
  if (name === 'feature')
    return demands.feature === undefined ? 'Needs no feature.' : `The plan has ${demands.feature}.`;
  if (name === 'flag') return demands.flag === undefined ? 'Needs no flag.' : `${demands.flag} is on.`;
  if (name === 'permission') return permission === undefined ? 'Needs no permission.' : `Holds ${permission}.`;
  return 'Nothing stands against it.';
}
