import { Badge } from '../../ui/badge';
import { formatCount, formatMoment } from '../../ui/format';
import { Panel } from '../../ui/panel';
import { type Current, stateWords, typeTitles } from './words';

export function LicencePanel({ license }: { license: Current }) {
  const { plan, state } = license;
  const { title, tone } = stateWords[state];
  return (
    <Panel title={`Plan: ${plan.name}`} aside={<Badge tone={tone}>{title}</Badge>}>
      <dl className="facts">
        {factsOf(license).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function factsOf(license: Current): readonly (readonly [string, string])[] {
  const { type, startsAt, expiresAt, until, state, seats, renewal, next, maintenanceUntil, subscription } = license;
  const facts: readonly (readonly [string, string | null])[] = [
    ['Kind', typeTitles[type]],
    ['Since', formatMoment(startsAt)],
    ['Ends', expiresAt === null ? 'never' : formatMoment(expiresAt)],
    ['Grace until', state === 'grace' && until !== null ? formatMoment(until) : null],
    ['Updates until', maintenanceUntil && formatMoment(maintenanceUntil)],
    ['Renews by itself', expiresAt === null ? null : renewal.auto ? 'yes' : 'no'],
    ['Subscription ends', subscription?.cancelAtPeriodEnd ? 'with its term' : null],
    ['Next plan', next && `${next.plan}, from ${formatMoment(next.at)}`],
    ['Seats', `${formatCount(seats.used)} of ${seats.allowed === null ? 'any number' : formatCount(seats.allowed)}`],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}
