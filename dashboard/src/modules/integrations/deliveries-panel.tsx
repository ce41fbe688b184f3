import type { Delivery } from '@loro/contracts/webhooks';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { useAction } from '../../app/use-action';
import { usePages } from '../../app/use-pages';
import { Badge, type Tone } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Select } from '../../ui/field';
import { formatMoment } from '../../ui/format';

const states: Readonly<Record<Delivery['state'], { title: string; tone: Tone }>> = {
  waiting: { title: 'Waits', tone: 'info' },
  delivered: { title: 'Taken', tone: 'good' },
  'given-up': { title: 'Given up', tone: 'bad' },
};
const stateNames = ['waiting', 'delivered', 'given-up'] as const;
/** Deliveries are tried again by the hub, not by this page. */
const LOOK_MS = 5_000;

/** What was sent to a webhook in the last thirty days, and what came back. */
export function DeliveriesPanel({ webhookId }: { webhookId: string }) {
  const { busy, run } = useAction();
  const [state, setState] = useState('');
  const wanted = stateNames.find((one) => one === state);
  const filter = { webhookId, ...(wanted && { state: wanted }) };
  const pages = usePages<Delivery>((input) => hub.webhooks.deliveries({ ...filter, ...input }), {
    limit: 10,
    key: state,
    everyMs: LOOK_MS,
  });
  const again = async ({ id: deliveryId }: Delivery) => {
    if (await run(deliveryId, () => hub.webhooks.redeliver({ webhookId, deliveryId }))) pages.retry();
  };
  return (
    <PagedPanel
      title="What was sent"
      aside={
        <Select aria-label="State of the deliveries" value={state} onChange={(event) => setState(event.target.value)}>
          <option value="">All</option>
          {stateNames.map((one) => (
            <option key={one} value={one}>
              {states[one].title}
            </option>
          ))}
        </Select>
      }
      pages={pages}
      empty={{ icon: 'journal', title: 'Nothing was sent', text: 'Events of the last thirty days stand here.' }}
    >
      {(rows) => (
        <ul className="row-list">
          {rows.map((delivery) => (
            <li className="row row-wrap" key={delivery.id}>
              <span className="row-text">
                <span>{delivery.event}</span>
                <span className="small muted">{detailOf(delivery)}</span>
                <details className="small">
                  <summary>What was said</summary>
                  <pre className="mono delivery-body">{delivery.body}</pre>
                </details>
              </span>
              <span className="row-end">
                <Badge tone={states[delivery.state].tone}>{states[delivery.state].title}</Badge>
                <Button
                  kind="quiet"
                  busy={busy === delivery.id}
                  aria-label={`Send ${delivery.event} again`}
                  onClick={() => void again(delivery)}
                >
                  Send again
                </Button>
              </span>
            </li>
          ))}
        </ul>
      )}
    </PagedPanel>
  );
}

function detailOf({ createdAt, attempts, status, error, durationMs, nextAt }: Delivery): string {
  return [
    formatMoment(createdAt),
    attempts === 1 ? '1 try' : `${attempts} tries`,
    status !== null && `answer ${status}`,
    durationMs !== null && `${durationMs} ms`,
    error,
    nextAt !== null && `again ${formatMoment(nextAt)}`,
  ]
    .filter(Boolean)
    .join(' · ');
}
