import { useState } from 'react';
import { useProof } from '../../app/proof';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { toast } from '../../ui/toast';
import { useForm } from '../auth/use-form';

interface RotateDialogProps {
  name: string;
  rotate: (rotation: { secret: string; overlapHours: number }) => Promise<unknown>;
  onClose: () => void;
  onDone: () => void;
}

/** Gives something a new secret; the earlier one works beside it for a while. */
export function RotateDialog({ name, rotate, onClose, onDone }: RotateDialogProps) {
  const prove = useProof();
  const [secret, setSecret] = useState('');
  const [hours, setHours] = useState('24');
  const { errors, isBusy, submit } = useForm(async () => {
    await prove(() => rotate({ secret, overlapHours: Number(hours) }));
    toast({ title: 'The new secret is in use', tone: 'good' });
    onDone();
    onClose();
  });
  return (
    <Dialog title={`A new secret for ${name}`} submit="Set it" busy={isBusy} onClose={onClose} onSubmit={submit}>
      <TextField
        label="New secret"
        type="password"
        autoComplete="new-password"
        value={secret}
        error={errors['secret']}
        onChange={(event) => setSecret(event.target.value)}
      />
      <TextField
        label="Hours for which the earlier one works too"
        type="number"
        min={0}
        max={168}
        value={hours}
        error={errors['overlapHours']}
        onChange={(event) => setHours(event.target.value)}
      />
    </Dialog>
  );
}
