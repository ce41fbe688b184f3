import type { Integration } from '@loro/contracts/integrations';
import { Badge, type Tone } from '../../ui/badge';
import { formatMoment } from '../../ui/format';

const states: Readonly<Record<Integration['state'], { title: string; tone: Tone }>> = {
  untested: { title: 'Not tried yet', tone: 'neutral' },
  ok: { title: 'Answers', tone: 'good' },
  failing: { title: 'Does not answer', tone: 'bad' },
  disabled: { title: 'Off', tone: 'neutral' },
};

export function ConnectionBadge({ state }: { state: Integration['state'] }) {
  return <Badge tone={states[state].tone}>{states[state].title}</Badge>;
}

interface Checked {
  lastCheckAt: string | null;
  lastError: string | null;
  last4: string | null;
}

/** When it was tried last, and how the secret ends. */
export const checkedText = ({ lastCheckAt, lastError, last4 }: Checked): string =>
  [last4 !== null && `secret ends in ${last4}`, lastCheckAt !== null && `tried ${formatMoment(lastCheckAt)}`, lastError]
    .filter(Boolean)
    .join(' · ');
