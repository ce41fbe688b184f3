import type { Alert } from '@loro/contracts/activity-metrics';
import type { Branch } from '@loro/contracts/branches';
import { useEffect, useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { useMe, usePermission } from '../../app/session';
import { useAction } from '../../app/use-action';
import { useHeard } from '../../app/use-heard';
import { usePages } from '../../app/use-pages';
import { Badge, type Tone } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Select } from '../../ui/field';
import { formatMoment, formatWhen } from '../../ui/format';
import { hubNow, useNow } from '../../ui/use-now';
import { valueText } from './use-metrics';

const states: Readonly<Record<Alert['state'], { title: string; tone: Tone }>> = {
  inactive: { title: 'Well', tone: 'good' },
  pending: { title: 'About to', tone: 'info' },
  firing: { title: 'Firing', tone: 'bad' },
};
const stateNames = ['firing', 'pending', 'inactive'] as const;
const MUTE_MS = 8 * 3_600_000;

/** What is watched and how it stands. */
export function AlertsPanel({ branches }: { branches: readonly Branch[] }) {
  const [state, setState] = useState('');
  const wanted = stateNames.find((one) => one === state);
  const filter = wanted ? { state: wanted } : {};
  const pages = usePages<Alert>((input) => hub.activity.alerts({ ...filter, ...input }), { limit: 25, key: state });
  useHeard(
    (heard) => [
      hub.activity.on('alert:firing', heard),
      hub.activity.on('alert:resolved', heard),
      hub.activity.on('alert:acknowledged', heard),
    ],
    pages.retry,
  );
  useFollowed(branches);
  return (
    <PagedPanel
      title="Alerts"
      aside={
        <Select aria-label="State" value={state} onChange={(event) => setState(event.target.value)}>
          <option value="">All</option>
          {stateNames.map((one) => (
            <option key={one} value={one}>
              {states[one].title}
            </option>
          ))}
        </Select>
      }
      pages={pages}
      empty={{ icon: 'check', title: 'All is well', text: 'What a rule watches stands here once it was looked at.' }}
    >
      {(rows) => (
        <ul className="row-list">
          {rows.map((alert) => (
            <AlertRow
              key={alert.id}
              alert={alert}
              branchName={branches.find(({ id }) => id === alert.branchId)?.name}
              onDone={pages.retry}
            />
          ))}
        </ul>
      )}
    </PagedPanel>
  );
}

/** Alerts of the organisation, of one's branches and one's own; those that are refused cost their live events. */
function useFollowed(branches: readonly Branch[]): void {
  const { organisation, user } = useMe();
  const ids = [organisation.id, user.id, ...branches.map(({ id }) => id)].join();
  useEffect(() => {
    const subscriptions = ids.split(',').map((id) => hub.activity.subscribe('alerts', id));
    for (const { ready } of subscriptions) ready.catch(() => undefined);
    return () => {
      for (const subscription of subscriptions) subscription.close();
    };
  }, [ids]);
}

interface AlertRowProps {
  alert: Alert;
  branchName: string | undefined;
  onDone: () => void;
}

function AlertRow({ alert, branchName, onDone }: AlertRowProps) {
  const now = useNow();
  const { busy, run } = useAction();
  const mayHandle = usePermission('alerts.handle');
  const {
    id: alertId,
    name,
    metric,
    state,
    severity,
    since,
    value,
    hasNoData,
    acknowledgedAt,
    mutedUntil,
    dims,
  } = alert;
  const isMuted = mutedUntil !== null && Date.parse(mutedUntil) > now;
  const does = async (step: string, work: () => Promise<unknown>) => {
    if (await run(step, work)) onDone();
  };
  const until = () => (isMuted ? null : new Date(hubNow() + MUTE_MS).toISOString());
  return (
    <li className="row row-wrap">
      <span className="row-text">
        <span>{name}</span>
        <span className="small muted">
          {[
            hasNoData ? 'no data' : `${metric} is ${valueText(value)}`,
            branchName,
            ...Object.values(dims),
            `since ${formatWhen(since, now)}`,
            acknowledgedAt !== null && `taken care of ${formatMoment(acknowledgedAt)}`,
            isMuted && `silent until ${formatMoment(mutedUntil)}`,
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </span>
      <span className="row-end">
        {severity === 'critical' && <Badge tone="bad">Critical</Badge>}
        <Badge tone={states[state].tone}>{states[state].title}</Badge>
        {mayHandle && state === 'firing' && acknowledgedAt === null && (
          <Button
            kind="primary"
            busy={busy === 'ack'}
            aria-label={`Take care of ${name}`}
            onClick={() => void does('ack', () => hub.activity.acknowledge({ alertId }))}
          >
            Take care of it
          </Button>
        )}
        {mayHandle && state !== 'inactive' && (
          <Button
            kind="quiet"
            busy={busy === 'mute'}
            aria-label={isMuted ? `Let ${name} be told again` : `Say nothing of ${name} for 8 hours`}
            onClick={() => void does('mute', () => hub.activity.mute({ alertId, until: until() }))}
          >
            {isMuted ? 'Tell again' : 'Silent for 8 h'}
          </Button>
        )}
      </span>
    </li>
  );
}
