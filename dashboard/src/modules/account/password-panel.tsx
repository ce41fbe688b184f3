import { useState } from 'react';
import { hub } from '../../app/hub';
import { useProof } from '../../app/proof';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { Panel } from '../../ui/panel';
import { toast } from '../../ui/toast';
import { useForm } from '../auth/use-form';

export function PasswordPanel() {
  const prove = useProof();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const { errors, isBusy, submit } = useForm(
    async () => {
      await prove(() => hub.account.changePassword({ currentPassword: current, newPassword: next }));
      setCurrent('');
      setNext('');
      toast({ title: 'Your password is changed', detail: 'Your other sessions ended.' });
    },
    { INVALID_CREDENTIALS: 'currentPassword', PASSWORD_WEAK: 'newPassword' },
  );
  return (
    <Panel title="Password">
      <form className="account-stack" onSubmit={submit} noValidate>
        <div className="account-pair">
          <TextField
            label="Current password"
            type="password"
            autoComplete="current-password"
            value={current}
            error={errors['currentPassword']}
            onChange={(event) => setCurrent(event.target.value)}
          />
          <TextField
            label="New password"
            type="password"
            autoComplete="new-password"
            value={next}
            error={errors['newPassword']}
            onChange={(event) => setNext(event.target.value)}
          />
        </div>
        <div className="account-row">
          <span className="muted small">Your other sessions end with it.</span>
          <Button type="submit" busy={isBusy}>
            Change it
          </Button>
        </div>
      </form>
    </Panel>
  );
}
