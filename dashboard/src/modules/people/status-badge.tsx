import type { User } from '@loro/contracts/people';
import { Badge, type Tone } from '../../ui/badge';

const words: Readonly<Record<User['status'], { title: string; tone: Tone }>> = {
  invited: { title: 'Invited', tone: 'info' },
  pending_verification: { title: 'To be verified', tone: 'info' },
  active: { title: 'Active', tone: 'good' },
  suspended: { title: 'Suspended', tone: 'warn' },
  deactivated: { title: 'Left', tone: 'neutral' },
};

/** In the order of a life here. */
export const statuses = [
  'invited',
  'pending_verification',
  'active',
  'suspended',
  'deactivated',
] as const satisfies readonly User['status'][];

export const statusTitle = (status: User['status']): string => words[status].title;

export function StatusBadge({ status }: { status: User['status'] }) {
  const { title, tone } = words[status];
  return <Badge tone={tone}>{title}</Badge>;
}
