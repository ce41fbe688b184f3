import type { Webhook } from '@loro/contracts/webhooks';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { useAction } from '../../app/use-action';
import { usePages } from '../../app/use-pages';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { toast } from '../../ui/toast';
import { DeliveriesPanel } from './deliveries-panel';
import { SecretOnce } from './secret-once';
import { WebhookDialog } from './webhook-dialog';

type Asked = { what: 'edit'; webhook: Webhook | null } | { what: 'rotate' | 'remove'; webhook: Webhook };

/** Addresses that hear of events. */
export function WebhooksPanel() {
  const { busy, run } = useAction();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [openId, setOpen] = useState<string | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const pages = usePages<Webhook>((input) => hub.webhooks.list(input), { limit: 25 });
  const close = () => setAsked(null);
  const does = async (name: string, work: () => Promise<unknown>) => {
    await run(name, work);
    close();
    pages.retry();
  };
  const test = (webhookId: string) =>
    does(`test ${webhookId}`, async () => {
      const { state } = await hub.webhooks.test({ webhookId });
      toast({
        title: 'Sent',
        detail: state === 'delivered' ? 'It was taken.' : 'See below what came back.',
        tone: 'good',
      });
      setOpen(webhookId);
    });
  return (
    <>
      <PagedPanel
        title="Webhooks"
        aside={
          <Button icon="plus" onClick={() => setAsked({ what: 'edit', webhook: null })}>
            Add a webhook
          </Button>
        }
        pages={pages}
        empty={{ icon: 'found', title: 'Nobody is told', text: 'Events can be sent to an address of your own.' }}
      >
        {(rows) => (
          <ul className="row-list">
            {rows.map((webhook) => (
              <li className="row row-wrap" key={webhook.id}>
                <span className="row-text">
                  <span>{webhook.name}</span>
                  <span className="small muted">
                    {webhook.url} ·{' '}
                    {webhook.events.length === 1 ? webhook.events[0] : `${webhook.events.length} events`}
                  </span>
                </span>
                <span className="row-end">
                  {!webhook.isEnabled && <Badge>Off</Badge>}
                  {webhook.isEnabled && webhook.failures > 0 && <Badge tone="bad">{webhook.failures} failed</Badge>}
                  {webhook.isEnabled && webhook.failures === 0 && <Badge tone="good">On</Badge>}
                  <WebhookButtons
                    webhook={webhook}
                    busy={busy}
                    isOpen={openId === webhook.id}
                    onDeliveries={() => setOpen(openId === webhook.id ? null : webhook.id)}
                    onTest={() => void test(webhook.id)}
                    onToggle={() =>
                      void does(`toggle ${webhook.id}`, () =>
                        hub.webhooks.change(
                          { webhookId: webhook.id, isEnabled: !webhook.isEnabled },
                          { ifMatch: webhook.version },
                        ),
                      )
                    }
                    onAsk={(what) => setAsked({ what, webhook })}
                  />
                </span>
              </li>
            ))}
          </ul>
        )}
      </PagedPanel>
      {openId !== null && <DeliveriesPanel key={openId} webhookId={openId} />}
      {asked?.what === 'edit' && (
        <WebhookDialog webhook={asked.webhook} onClose={close} onSaved={pages.retry} onSecret={setSecret} />
      )}
      {asked?.what === 'rotate' && (
        <Confirm
          title={`A new secret for ${asked.webhook.name}?`}
          submit="Make one"
          busy={busy === 'rotate'}
          onClose={close}
          onConfirm={() =>
            void does('rotate', async () => {
              const made = await hub.webhooks.rotate({ webhookId: asked.webhook.id });
              setSecret(made.secret);
            })
          }
        >
          For a day deliveries are signed by both.
        </Confirm>
      )}
      {asked?.what === 'remove' && (
        <Confirm
          title={`Remove ${asked.webhook.name}?`}
          submit="Remove it"
          busy={busy === 'remove'}
          onClose={close}
          onConfirm={() =>
            void does('remove', () =>
              hub.webhooks.remove({ webhookId: asked.webhook.id }, { ifMatch: asked.webhook.version }),
            )
          }
        >
          Nothing is sent there any more, and what was sent is forgotten.
        </Confirm>
      )}
      {secret !== null && <SecretOnce secret={secret} onClose={() => setSecret(null)} />}
    </>
  );
}

interface WebhookButtonsProps {
  webhook: Webhook;
  busy: string | null;
  isOpen: boolean;
  onDeliveries: () => void;
  onTest: () => void;
  onToggle: () => void;
  onAsk: (what: 'edit' | 'rotate' | 'remove') => void;
}

function WebhookButtons({ webhook, busy, isOpen, onDeliveries, onTest, onToggle, onAsk }: WebhookButtonsProps) {
  const { id, name, isEnabled } = webhook;
  return (
    <>
      <Button kind="quiet" aria-expanded={isOpen} aria-label={`What was sent to ${name}`} onClick={onDeliveries}>
        What was sent
      </Button>
      <Button kind="quiet" busy={busy === `test ${id}`} aria-label={`Try ${name}`} onClick={onTest}>
        Try
      </Button>
      <Button kind="quiet" aria-label={`Change ${name}`} onClick={() => onAsk('edit')}>
        Change
      </Button>
      <Button kind="quiet" aria-label={`New secret for ${name}`} onClick={() => onAsk('rotate')}>
        New secret
      </Button>
      <Button
        kind="quiet"
        busy={busy === `toggle ${id}`}
        aria-label={`Switch ${name} ${isEnabled ? 'off' : 'on'}`}
        onClick={onToggle}
      >
        {isEnabled ? 'Switch off' : 'Switch on'}
      </Button>
      <Button kind="quiet" aria-label={`Remove ${name}`} onClick={() => onAsk('remove')}>
        Remove
      </Button>
    </>
  );
}
