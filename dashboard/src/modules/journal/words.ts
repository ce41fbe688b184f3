import type { JournalEntry } from '@loro/contracts/journal-entries';
import type { Tone } from '../../ui/badge';

export const entryTypes = [
  'data_change',
  'user_action',
  'security_event',
  'system_event',
] as const satisfies readonly JournalEntry['type'][];

export const typeTitles: Readonly<Record<JournalEntry['type'], string>> = {
  data_change: 'Change',
  user_action: 'Action',
  security_event: 'Security',
  system_event: 'System',
};

export const severityTones: Readonly<Record<JournalEntry['severity'], Tone>> = {
  debug: 'neutral',
  info: 'neutral',
  notice: 'info',
  warning: 'warn',
  error: 'bad',
  critical: 'bad',
};

/** `user.invitation-resent` reads as "user: invitation resent". */
export function actionTitle(action: string): string {
  const [thing = '', ...rest] = action.split('.');
  const verb = rest.join(' ').replaceAll(/[-_]/g, ' ');
  return verb === '' ? thing : `${thing}: ${verb}`;
}

const kinds: Readonly<Record<JournalEntry['actor']['kind'], string>> = {
  user: 'somebody',
  service: 'a service',
  portal: 'the portal',
  rule: 'a rule',
  system: 'the hub',
  anonymous: 'nobody signed in',
};

export function actorTitle({ kind, id }: JournalEntry['actor'], names: ReadonlyMap<string, string>): string {
  const name = id === undefined ? '' : (names.get(id) ?? '');
  return name === '' ? kinds[kind] : name;
}
