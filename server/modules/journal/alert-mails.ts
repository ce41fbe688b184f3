import type { SecurityRule } from '@loro/contracts/journal-live';
import type { After, Hub } from '../../platform';
import { configuration } from '../configuration';
import { people } from '../people';
import { HUB_JOURNAL } from './draft.policy';

const HEARERS = ['owner', 'admin'] as const;
const MOST = 20;

/** What each rule has seen, for somebody who was not looking. */
const WORDS: Readonly<Record<SecurityRule, string>> = {
  'failed-sign-ins-of-account': 'Somebody tried to sign in to one account with wrong passwords.',
  'failed-sign-ins-of-address': 'Somebody tried to sign in to many accounts from one address.',
  'denied-requests': 'One person asked again and again for what they may not do.',
  'new-country': 'Somebody signed in from a country where they never were before.',
  'many-deletions': 'One person removed very many things in a short time.',
  'large-export': 'One person took out very many rows at once.',
  'raised-to-admin': 'Somebody was made an administrator.',
  impersonation: 'Somebody acts on behalf of another person.',
  'verification-failed': 'The journal is not what it was: entries were changed, removed or cut off.',
  'token-reused': 'A token that was used up was used again, as a thief would.',
};

interface Raised {
  readonly rule: SecurityRule;
  readonly severity: string;
  readonly count: number;
  readonly windowSec: number;
  readonly at: Date;
}

/** Mails of security alerts, in the transaction that raises them. That the journal is broken is nothing to be muted. */
export class AlertMails {
  constructor(private readonly hub: Hub) {}

  async tell(orgId: string, raised: Raised, after: After): Promise<void> {
    if (orgId === HUB_JOURNAL || !(await this.isWanted(orgId, raised))) return;
    const { name } = await this.hub.use(people).organisationOf(orgId);
    for (const email of await this.hearers(orgId))
      this.hub.mail.post(after, { to: email, subject: `Security alert at ${name}`, text: textOf(raised, name) });
  }

  private async isWanted(orgId: string, { rule, severity }: Raised): Promise<boolean> {
    if (rule === 'verification-failed') return true;
    const wish = await this.hub.use(configuration).value('journal.alert-mails', { orgId });
    return wish === 'all' || (wish === 'critical' && severity === 'critical');
  }

  private async hearers(orgId: string): Promise<string[]> {
    const found = new Set<string>();
    for (const role of HEARERS)
      for (const userId of await this.hub.use(people).holdersOf(orgId, role)) found.add(userId);
    const users = await Promise.all([...found].slice(0, MOST).map((id) => this.hub.use(people).byId(orgId, id)));
    return users.filter(({ status }) => status === 'active').map(({ email }) => email);
  }
}

const textOf = ({ rule, severity, count, windowSec, at }: Raised, organisation: string): string =>
  [
    WORDS[rule],
    `Rule “${rule}”, ${severity}: ${count} within ${Math.round(windowSec / 60)} minutes, at ${at.toISOString()}.`,
    `The security events of ${organisation} say who, from where and what exactly.`,
  ].join('\n\n');
