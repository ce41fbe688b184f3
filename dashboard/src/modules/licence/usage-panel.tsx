import type { Usage } from '@loro/contracts/licensing-usage';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { usePages } from '../../app/use-pages';
import { formatMoment } from '../../ui/format';
import { Meter } from '../../ui/meter';
import { featureTitle, quantity } from './words';

/** What is used of each limit and quota. */
export function UsagePanel({ round }: { round: number }) {
  const pages = usePages<Usage>((input) => hub.licensing.usage(input), { limit: 25, round });
  return (
    <PagedPanel
      title="Limits and usage"
      pages={pages}
      empty={{ icon: 'reports', title: 'Nothing is counted', text: 'The licence limits nothing.' }}
    >
      {(rows) => (
        <ul className="usage">
          {rows.map((row) => (
            <li key={`${row.feature} ${row.periodStart ?? ''}`}>
              <UsageRow row={row} />
            </li>
          ))}
        </ul>
      )}
    </PagedPanel>
  );
}

function UsageRow({ row: { feature, kind, used, limit, allowed, percent, periodEnd } }: { row: Usage }) {
  const title = featureTitle(feature);
  const words =
    kind === 'measure' ? quantity(feature, used) : `${quantity(feature, used)} of ${quantity(feature, limit)}`;
  const tone = percent === null || percent < 80 ? 'good' : percent < 100 ? 'warn' : 'bad';
  return (
    <>
      <p className="usage-line">
        <span>{title}</span>
        <span className="small muted num">{words}</span>
      </p>
      {percent !== null && <Meter label={title} percent={percent} text={words} tone={tone} />}
      {(periodEnd !== null || allowed !== limit) && (
        <p className="small muted">
          {periodEnd !== null && `Counted anew from ${formatMoment(periodEnd)}. `}
          {allowed !== limit && overText(feature, allowed)}
        </p>
      )}
    </>
  );
}

/** How far the licence lets through what is over its limit. */
const overText = (feature: string, allowed: number | null): string =>
  allowed === null ? 'More is let through.' : `Up to ${quantity(feature, allowed)} are let through.`;
