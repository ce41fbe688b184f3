import type { CheckInRecord } from '@loro/contracts/check-ins-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { Link } from '../../app/routes';
import { usePermission } from '../../app/session';
import { useHeard } from '../../app/use-heard';
import { usePages } from '../../app/use-pages';
import { Badge, type Tone } from '../../ui/badge';
import { Face } from '../../ui/face';
import { SelectField, TextField } from '../../ui/field';
import { formatMoment } from '../../ui/format';
import { kindTitles, reasonTitles, types, typeTitles } from './check-in-words';

const states: Readonly<Record<CheckInRecord['status'], { title: string; tone: Tone }>> = {
  received: { title: 'Came in', tone: 'neutral' },
  accepted: { title: 'Counts', tone: 'good' },
  flagged: { title: 'To be looked at', tone: 'warn' },
  rejected: { title: 'Does not count', tone: 'bad' },
  superseded: { title: 'Replaced', tone: 'neutral' },
  voided: { title: 'Void', tone: 'neutral' },
  redacted: { title: 'Redacted', tone: 'neutral' },
};
const stateNames = ['accepted', 'flagged', 'rejected', 'voided', 'superseded'] as const;

interface RecordsPanelProps {
  branchId: string | null;
  branchNames: ReadonlyMap<string, string>;
}

/** Every in, out and visit, with what it was for and what became of it. */
export function RecordsPanel({ branchId, branchNames }: RecordsPanelProps) {
  const mayReview = usePermission('check-ins.review');
  const [type, setType] = useState('');
  const [status, setStatus] = useState('');
  const [day, setDay] = useState('');
  const wantedType = types.find((one) => one === type);
  const wantedStatus = stateNames.find((one) => one === status);
  const filter = {
    ...(branchId !== null && { branchId }),
    ...(wantedType && { type: wantedType }),
    ...(wantedStatus && { status: wantedStatus }),
    ...(day !== '' && spanOf(day)),
  };
  const pages = usePages<CheckInRecord>((input) => hub.checkIns.records({ ...filter, ...input }), {
    limit: 25,
    key: JSON.stringify(filter),
  });
  useHeard(
    (heard) => [
      hub.checkIns.on('check-in:started', heard),
      hub.checkIns.on('check-in:ended', heard),
      hub.checkIns.on('check-in:recorded', heard),
      hub.checkIns.on('check-in:reviewed', heard),
    ],
    pages.retry,
  );
  return (
    <PagedPanel
      title="Records"
      tools={
        <>
          <SelectField label="What for" value={type} onChange={(event) => setType(event.target.value)}>
            <option value="">Anything</option>
            {types.map((one) => (
              <option key={one} value={one}>
                {typeTitles[one]}
              </option>
            ))}
          </SelectField>
          <SelectField label="State" value={status} onChange={(event) => setStatus(event.target.value)}>
            <option value="">Any</option>
            {stateNames.map((one) => (
              <option key={one} value={one}>
                {states[one].title}
              </option>
            ))}
          </SelectField>
          <TextField label="Day" type="date" value={day} onChange={(event) => setDay(event.target.value)} />
        </>
      }
      pages={pages}
      empty={{ icon: 'checkIns', title: 'No records', text: 'Take the filters away, or wait for the first check-in.' }}
    >
      {(rows) => (
        <ul className="row-list">
          {rows.map((record) => (
            <li className="row" key={record.id}>
              <Face name={record.userName} />
              <span className="row-text">
                <span className="truncate">
                  {record.userName}: {kindTitles[record.kind].toLocaleLowerCase()}
                </span>
                <span className="small muted">
                  {[typeTitles[record.type], branchNames.get(record.branchId), formatMoment(record.occurredAt)]
                    .filter(Boolean)
                    .join(' · ')}
                </span>
                {(record.note ?? record.outcome) !== null && (
                  <span className="small">{[record.note, record.outcome].filter(Boolean).join(' · ')}</span>
                )}
                {record.reasons.length > 0 && (
                  <span className="small muted">{record.reasons.map((reason) => reasonTitles[reason]).join(', ')}</span>
                )}
              </span>
              <span className="row-end">
                <Badge tone={states[record.status].tone}>{states[record.status].title}</Badge>
                {mayReview && record.status === 'flagged' && <Link href={`/review/${record.id}`}>Look</Link>}
              </span>
            </li>
          ))}
        </ul>
      )}
    </PagedPanel>
  );
}

/** A day of this device. */
function spanOf(day: string): { from: string; to: string } {
  const from = new Date(`${day}T00:00:00`);
  const to = new Date(from);
  to.setDate(to.getDate() + 1);
  return { from: from.toISOString(), to: to.toISOString() };
}
