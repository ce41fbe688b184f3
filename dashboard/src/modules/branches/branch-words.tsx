import type { Branch } from '@loro/contracts/branches-values';
import { Badge, type Tone } from '../../ui/badge';

const kindTitles: Readonly<Record<Branch['kind'], string>> = {
  headquarters: 'Headquarters',
  region: 'Region',
  branch: 'Branch',
  store: 'Store',
  warehouse: 'Warehouse',
  kiosk: 'Kiosk',
  virtual: 'Without a place',
};
const statuses: Readonly<Record<Branch['status'], { title: string; tone: Tone }>> = {
  planned: { title: 'Planned', tone: 'info' },
  active: { title: 'Active', tone: 'good' },
  suspended: { title: 'Suspended', tone: 'warn' },
  closed: { title: 'Closed', tone: 'neutral' },
};

export const kindTitle = (kind: Branch['kind']): string => kindTitles[kind];

export function BranchStatusBadge({ status }: { status: Branch['status'] }) {
  const { title, tone } = statuses[status];
  return <Badge tone={tone}>{title}</Badge>;
}

/** The options of a choice of kinds. */
export function KindOptions() {
  return kindList.map((kind) => (
    <option key={kind} value={kind}>
      {kindTitles[kind]}
    </option>
  ));
}

// The contract's own list would bring its validation to the browser.
const kindList = [
  'headquarters',
  'region',
  'branch',
  'store',
  'warehouse',
  'kiosk',
  'virtual',
] as const satisfies readonly Branch['kind'][];
