import type { Webhook } from '@loro/contracts/webhooks';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { useProof } from '../../app/proof';
import { Dialog } from '../../ui/dialog';
import { Field, TextField } from '../../ui/field';
import { useForm } from '../auth/use-form';

interface WebhookDialogProps {
  /** Null adds a new one. */
  webhook: Webhook | null;
  onClose: () => void;
  onSaved: () => void;
  onSecret: (secret: string) => void;
}

export function WebhookDialog({ webhook, onClose, onSaved, onSecret }: WebhookDialogProps) {
  const prove = useProof();
  const [name, setName] = useState(webhook?.name ?? '');
  const [url, setUrl] = useState(webhook?.url ?? '');
  const [events, setEvents] = useState((webhook?.events ?? ['*']).join('\n'));
  const { errors, isBusy, submit } = useForm(
    async () => {
      const lines = events.split('\n').map((line) => line.trim());
      const details = { name, url, events: lines.filter(Boolean) };
      if (webhook) {
        await prove(() => hub.webhooks.change({ webhookId: webhook.id, ...details }, { ifMatch: webhook.version }));
      } else {
        const made = await prove(() => hub.webhooks.create(details));
        onSecret(made.secret);
      }
      onSaved();
      onClose();
    },
    { UNKNOWN_EVENT: 'events' },
  );
  return (
    <Dialog
      title={webhook ? `Change ${webhook.name}` : 'Add a webhook'}
      submit={webhook ? 'Save it' : 'Add it'}
      busy={isBusy}
      onClose={onClose}
      onSubmit={submit}
    >
      <TextField
        label="Name"
        autoComplete="off"
        value={name}
        error={errors['name']}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label="Address"
        type="url"
        value={url}
        error={errors['url']}
        onChange={(event) => setUrl(event.target.value)}
      />
      <Field
        label="Events"
        hint="One on each line, such as check-in:started; * means all."
        error={errors['events'] ?? errors['0']}
      >
        {(control) => (
          <textarea
            {...control}
            className="input mono"
            rows={4}
            spellCheck={false}
            value={events}
            onChange={(event) => setEvents(event.target.value)}
          />
        )}
      </Field>
    </Dialog>
  );
}
