import type { Charge } from '@loro/contracts/licensing-billing';
import type { z } from 'zod';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { usePages } from '../../app/use-pages';
import { Badge, type Tone } from '../../ui/badge';
import { formatCalendarDate, formatMoment } from '../../ui/format';
import { priceText } from './words';

type Paid = z.infer<typeof Charge>;

const states: Readonly<Record<Paid['state'], { title: string; tone: Tone }>> = {
  pending: { title: 'Under way', tone: 'info' },
  paid: { title: 'Paid', tone: 'good' },
  failed: { title: 'Failed', tone: 'bad' },
};

/** What was charged for the licence, tries that failed included. */
export function ChargesPanel({ round }: { round: number }) {
  const pages = usePages<Paid>((input) => hub.licensing.charges(input), { limit: 10, round });
  return (
    <PagedPanel
      title="What was charged"
      pages={pages}
      empty={{ icon: 'licence', title: 'Nothing was charged', text: 'Payments and tries that failed stand here.' }}
    >
      {(rows) => (
        <ul className="row-list">
          {rows.map((charge) => (
            <li className="row" key={charge.id}>
              <span className="row-text">
                <span>
                  {charge.purpose === 'renewal' ? 'Renewal' : 'Plan'}: {charge.plan}
                </span>
                <span className="small muted">{detailOf(charge)}</span>
                {charge.failure !== null && <span className="small">{charge.failure}</span>}
              </span>
              <span className="row-end">
                <span className="num">{priceText(charge.price)}</span>
                <Badge tone={states[charge.state].tone}>{states[charge.state].title}</Badge>
              </span>
            </li>
          ))}
        </ul>
      )}
    </PagedPanel>
  );
}

function detailOf({ createdAt, attempt, termEnd, reference, nextAt }: Paid): string {
  return [
    formatMoment(createdAt),
    attempt !== null && attempt > 1 && `try ${attempt}`,
    termEnd !== null && `term to ${formatCalendarDate(termEnd)}`,
    reference !== null && `reference ${reference}`,
    nextAt !== null && `again on ${formatMoment(nextAt)}`,
  ]
    .filter(Boolean)
    .join(' · ');
}
