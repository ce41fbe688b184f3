import type { CheckInRecord } from '@loro/contracts/check-ins-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { Link, navigate, useRoute } from '../../app/routes';
import { useHeard } from '../../app/use-heard';
import { usePages } from '../../app/use-pages';
import { Badge } from '../../ui/badge';
import { Face } from '../../ui/face';
import { SelectField } from '../../ui/field';
import { formatWhen } from '../../ui/format';
import { useNow } from '../../ui/use-now';
import { useBranches } from '../branches/use-branches';
import { kindTitles, reasonTitles, typeTitles } from '../check-ins/check-in-words';
import { EvidencePanel } from './evidence-panel';
import { useReviewStreams } from './use-review-streams';

/** Check-ins that wait for somebody to look at them, oldest first. */
export function ReviewPage() {
  const { rest: openId } = useRoute();
  const request = useBranches();
  const branches = request.state === 'ready' ? request.data : [];
  const [branchId, setBranch] = useState('');
  const filter = branchId === '' ? {} : { branchId };
  const pages = usePages<CheckInRecord>((input) => hub.checkIns.reviewQueue({ ...filter, ...input }), {
    limit: 25,
    key: branchId,
  });
  useReviewStreams(branches);
  useHeard(
    (heard) => [
      hub.checkIns.on('check-in:flagged', heard),
      hub.checkIns.on('check-in:reviewed', heard),
      hub.checkIns.on('check-in:voided', heard),
    ],
    pages.retry,
  );
  const decided = () => {
    const rows = pages.rows ?? [];
    const at = rows.findIndex(({ id }) => id === openId);
    const next = rows[at + 1] ?? rows[at - 1];
    pages.retry();
    // On to the next one, as a queue is worked off.
    navigate(next ? `/review/${next.id}` : '/review', { replace: true });
  };
  return (
    <div className="page split-page">
      <header className="page-head">
        <h1 tabIndex={-1}>Review</h1>
      </header>
      <div className={openId === null ? 'split' : 'split split-open'}>
        <PagedPanel
          title="What waits"
          tools={
            branches.length > 1 ? (
              <SelectField label="Branch" value={branchId} onChange={(event) => setBranch(event.target.value)}>
                <option value="">All branches</option>
                {branches.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </SelectField>
            ) : undefined
          }
          pages={pages}
          empty={{ icon: 'check', title: 'Nothing waits', text: 'Doubtful check-ins appear here as they come.' }}
        >
          {(rows) => (
            <ul className="row-list">
              {rows.map((record) => (
                <li key={record.id}>
                  <QueueRow record={record} isOpen={record.id === openId} />
                </li>
              ))}
            </ul>
          )}
        </PagedPanel>
        {openId !== null && (
          <div>
            <Link className="split-back" href="/review">
              All that waits
            </Link>
            <EvidencePanel key={openId} checkInId={openId} branches={branches} onDecided={decided} />
          </div>
        )}
      </div>
    </div>
  );
}

function QueueRow({ record, isOpen }: { record: CheckInRecord; isOpen: boolean }) {
  const { id, userName, type, kind, occurredAt, reasons, spoofScore } = record;
  const now = useNow();
  return (
    <Link className="row" href={`/review/${id}`} aria-current={isOpen ? 'true' : undefined}>
      <Face name={userName} />
      <span className="row-text">
        <span className="truncate">{userName}</span>
        <span className="small muted truncate">
          {kindTitles[kind]} · {typeTitles[type]} · {formatWhen(occurredAt, now)}
        </span>
        <span className="small truncate">{reasons.map((reason) => reasonTitles[reason]).join(', ')}</span>
      </span>
      {spoofScore >= 50 && (
        <span className="row-end">
          <Badge tone="bad">Score {spoofScore}</Badge>
        </span>
      )}
    </Link>
  );
}
