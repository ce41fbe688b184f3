import type { SecurityRule } from '@loro/contracts/journal-live';
import type { JournalEntry } from '@loro/contracts/journal-entries';
import { ALERT, VERIFICATION_FAILED } from './told.policy';

type Severity = JournalEntry['severity'];

/** What the rules look at. */
export interface Fact {
  readonly type: string;
  readonly action: string;
  readonly outcome: string;
  readonly actorId: string | null;
  readonly entity: { readonly type: string; readonly id: string } | null;
  readonly data: Record<string, unknown>;
  /** A word for the address, the same for the same address. */
  readonly address: string | null;
}

export interface Sighting {
  readonly rule: SecurityRule;
  readonly severity: Severity;
  readonly subject: { readonly type: string; readonly id: string };
  readonly windowSec: number;
  /** How many within the window raise the alert. */
  readonly threshold: number;
  /** How many different ones of these there must be, where the rule asks for that. */
  readonly distinct?: { readonly of: string; readonly atLeast: number };
}

const MINUTE = 60;
const TEN_MINUTES = 10 * MINUTE;
const MANY_ROWS = 10_000;
const HIGH_ROLES: ReadonlySet<unknown> = new Set(['owner', 'admin', 'platform_admin']);
/** The longest window: how far back counting begins anew after Redis forgot. */
export const LONGEST_WINDOW_MS = TEN_MINUTES * 1_000;

const isFailedSignIn = ({ action, outcome }: Fact): boolean =>
  action === 'authn_login_fail' ||
  (/^(sign-in|session|login)\.(failed|refused)$/.test(action) && outcome !== 'success');
const isDeletion = ({ action, outcome }: Pick<Fact, 'action' | 'outcome'>): boolean =>
  outcome === 'success' && /\.(deleted|removed|erased)$/.test(action);
const user = (id: string) => ({ type: 'user', id });

type Rule = (fact: Fact) => Sighting | null;

/** The rules with their defaults. `new-country` is missing: nothing here knows where an address is. */
const rules: readonly Rule[] = [
  (fact) =>
    isFailedSignIn(fact) && fact.entity
      ? {
          rule: 'failed-sign-ins-of-account',
          severity: 'warning',
          subject: fact.entity,
          windowSec: TEN_MINUTES,
          threshold: 5,
        }
      : null,
  (fact) =>
    isFailedSignIn(fact) && fact.address !== null
      ? {
          rule: 'failed-sign-ins-of-address',
          severity: 'critical',
          subject: { type: 'address', id: fact.address },
          windowSec: TEN_MINUTES,
          threshold: 20,
          distinct: { of: fact.entity?.id ?? 'nobody', atLeast: 5 },
        }
      : null,
  ({ outcome, actorId }) =>
    outcome === 'denied' && actorId !== null
      ? { rule: 'denied-requests', severity: 'warning', subject: user(actorId), windowSec: 5 * MINUTE, threshold: 20 }
      : null,
  (fact) =>
    isDeletion(fact) && fact.actorId !== null
      ? {
          rule: 'many-deletions',
          severity: 'warning',
          subject: user(fact.actorId),
          windowSec: TEN_MINUTES,
          threshold: 50,
        }
      : null,
  ({ action, data, actorId, entity }) =>
    /(^|[.-])exported$/.test(action) && Number(data['count']) > MANY_ROWS
      ? at('large-export', 'warning', said(data['requestedBy']) ?? (actorId === null ? entity : user(actorId)))
      : null,
  ({ action, data, entity }) =>
    /^(role|roles|role-grant)\.granted$/.test(action) && HIGH_ROLES.has(data['role'])
      ? at('raised-to-admin', 'warning', entity)
      : null,
  ({ action, entity }) =>
    /^impersonation\.(started|begun)$/.test(action) ? at('impersonation', 'warning', entity) : null,
  ({ action, entity }) => (action === VERIFICATION_FAILED ? at('verification-failed', 'critical', entity) : null),
  ({ action, entity }) =>
    /^(session\.compromised|token\.reused|refresh\.reused)$/.test(action)
      ? at('token-reused', 'critical', entity)
      : null,
];

const said = (id: unknown): Sighting['subject'] | null => (typeof id === 'string' ? user(id) : null);

const at = (rule: SecurityRule, severity: Severity, subject: Sighting['subject'] | null): Sighting => ({
  rule,
  severity,
  subject: subject ?? { type: 'organisation', id: 'self' },
  windowSec: TEN_MINUTES,
  threshold: 1,
});

/** Every rule that an entry counts for. */
export const sightingsOf = (fact: Fact): Sighting[] => rules.flatMap((rule) => rule(fact) ?? []);

/** Whether an entry can count for any rule at all, told from its columns. */
export const isWatched = ({ type, action, outcome }: Pick<Fact, 'type' | 'action' | 'outcome'>): boolean =>
  action !== ALERT &&
  (type === 'security_event' ||
    outcome === 'denied' ||
    action === VERIFICATION_FAILED ||
    isDeletion({ action, outcome }) ||
    /exported$|granted$|^impersonation\./.test(action));
