import type { Integration } from '@loro/contracts/integrations';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { useAction } from '../../app/use-action';
import { useHeard } from '../../app/use-heard';
import { usePages } from '../../app/use-pages';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { toast } from '../../ui/toast';
import { checkedText, ConnectionBadge } from './connection-words';
import { RotateDialog } from './rotate-dialog';
import { kindTitles } from './service-config';
import { ServiceDialog } from './service-dialog';

type Asked = { what: 'edit'; service: Integration | null } | { what: 'rotate' | 'remove'; service: Integration };

/** The services that the hub calls for the organisation. */
export function ServicesPanel() {
  const { busy, run } = useAction();
  const [asked, setAsked] = useState<Asked | null>(null);
  const pages = usePages<Integration>((input) => hub.integrations.list(input), { limit: 25 });
  useHeard(
    (heard) => [hub.integrations.on('integration:failing', heard), hub.integrations.on('integration:recovered', heard)],
    pages.retry,
  );
  const close = () => setAsked(null);
  const test = async ({ id: integrationId, name }: Integration) => {
    await run(`test ${integrationId}`, async () => {
      const { isOk, detail } = await hub.integrations.test({ integrationId });
      toast({ title: isOk ? `${name} answers` : `${name} does not answer`, detail, tone: isOk ? 'good' : 'bad' });
    });
    pages.retry();
  };
  const toggle = async ({ id: integrationId, state, version }: Integration) => {
    const change = { integrationId, isDisabled: state !== 'disabled' };
    await run(`toggle ${integrationId}`, () => hub.integrations.change(change, { ifMatch: version }));
    pages.retry();
  };
  const remove = async ({ id: integrationId, version }: Integration) => {
    await run('remove', () => hub.integrations.remove({ integrationId }, { ifMatch: version }));
    close();
    pages.retry();
  };
  return (
    <>
      <PagedPanel
        title="Services"
        aside={
          <Button icon="plus" onClick={() => setAsked({ what: 'edit', service: null })}>
            Connect a service
          </Button>
        }
        pages={pages}
        empty={{
          icon: 'settings',
          title: 'Nothing is connected',
          text: 'Mail, messages, maps and more are connected here.',
        }}
      >
        {(rows) => (
          <ul className="row-list">
            {rows.map((service) => (
              <li className="row row-wrap" key={service.id}>
                <span className="row-text">
                  <span>{service.name}</span>
                  <span className="small muted">
                    {[kindTitles[service.kind], checkedText(service)].filter(Boolean).join(' · ')}
                  </span>
                </span>
                <span className="row-end">
                  <ConnectionBadge state={service.state} />
                  <Button
                    kind="quiet"
                    busy={busy === `test ${service.id}`}
                    aria-label={`Try ${service.name}`}
                    onClick={() => void test(service)}
                  >
                    Try
                  </Button>
                  <Button
                    kind="quiet"
                    aria-label={`Change ${service.name}`}
                    onClick={() => setAsked({ what: 'edit', service })}
                  >
                    Change
                  </Button>
                  <Button
                    kind="quiet"
                    aria-label={`New secret for ${service.name}`}
                    onClick={() => setAsked({ what: 'rotate', service })}
                  >
                    New secret
                  </Button>
                  <Button
                    kind="quiet"
                    busy={busy === `toggle ${service.id}`}
                    aria-label={`Switch ${service.name} ${service.state === 'disabled' ? 'on' : 'off'}`}
                    onClick={() => void toggle(service)}
                  >
                    {service.state === 'disabled' ? 'Switch on' : 'Switch off'}
                  </Button>
                  <Button
                    kind="quiet"
                    aria-label={`Disconnect ${service.name}`}
                    onClick={() => setAsked({ what: 'remove', service })}
                  >
                    Disconnect
                  </Button>
                </span>
              </li>
            ))}
          </ul>
        )}
      </PagedPanel>
      {asked?.what === 'edit' && <ServiceDialog service={asked.service} onClose={close} onSaved={pages.retry} />}
      {asked?.what === 'rotate' && (
        <RotateDialog
          name={asked.service.name}
          onClose={close}
          rotate={(rotation) => hub.integrations.rotate({ integrationId: asked.service.id, ...rotation })}
          onDone={pages.retry}
        />
      )}
      {asked?.what === 'remove' && (
        <Confirm
          title={`Disconnect ${asked.service.name}?`}
          submit="Disconnect it"
          busy={busy === 'remove'}
          onClose={close}
          onConfirm={() => void remove(asked.service)}
        >
          Its secret is destroyed, and nothing is sent there any more.
        </Confirm>
      )}
    </>
  );
}
