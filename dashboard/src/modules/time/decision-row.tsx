import { type ReactNode, useState } from 'react';
import { useAction } from '../../app/use-action';
import { Badge, type Tone } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { useForm } from '../auth/use-form';

interface DecisionRowProps {
  /** Whose and what it is, for buttons that stand alone to a screen reader. */
  about: string;
  state: { title: string; tone: Tone };
  /** Null for who may not decide, and for what is decided. */
  decide: { approve: () => Promise<unknown>; reject: (note: string) => Promise<unknown> } | null;
  withdraw?: (() => Promise<unknown>) | null;
  onDone: () => void;
  children: ReactNode;
}

/** Something that waits for a yes or a no; a no says why. */
export function DecisionRow({ about, state, decide, withdraw, onDone, children }: DecisionRowProps) {
  const { busy, run } = useAction();
  const [isRejecting, setRejecting] = useState(false);
  const does = async (name: string, work: () => Promise<unknown>) => {
    if (await run(name, work)) onDone();
  };
  return (
    <li className="row row-wrap">
      <span className="row-text">{children}</span>
      <span className="row-end">
        <Badge tone={state.tone}>{state.title}</Badge>
        {decide && (
          <>
            <Button
              kind="primary"
              busy={busy === 'approve'}
              aria-label={`Approve ${about}`}
              onClick={() => void does('approve', decide.approve)}
            >
              Approve
            </Button>
            <Button aria-label={`Refuse ${about}`} onClick={() => setRejecting(true)}>
              Refuse
            </Button>
          </>
        )}
        {withdraw && (
          <Button
            kind="quiet"
            busy={busy === 'withdraw'}
            aria-label={`Take back ${about}`}
            onClick={() => void does('withdraw', withdraw)}
          >
            Take back
          </Button>
        )}
      </span>
      {isRejecting && decide && (
        <RefuseDialog about={about} reject={decide.reject} onClose={() => setRejecting(false)} onDone={onDone} />
      )}
    </li>
  );
}

interface RefuseDialogProps {
  about: string;
  reject: (note: string) => Promise<unknown>;
  onClose: () => void;
  onDone: () => void;
}

function RefuseDialog({ about, reject, onClose, onDone }: RefuseDialogProps) {
  const [note, setNote] = useState('');
  const { errors, isBusy, submit } = useForm(async () => {
    await reject(note.trim());
    onDone();
    onClose();
  });
  return (
    <Dialog title={`Refuse ${about}?`} submit="Refuse it" danger busy={isBusy} onClose={onClose} onSubmit={submit}>
      <TextField
        label="Why"
        hint="The person reads it."
        value={note}
        error={errors['note']}
        onChange={(event) => setNote(event.target.value)}
      />
    </Dialog>
  );
}
