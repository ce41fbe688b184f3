import type { ReactNode } from 'react';
import { Dialog } from './dialog';

interface ConfirmProps {
  title: string;
  /** What the button says that does it. */
  submit: string;
  busy: boolean;
  onClose: () => void;
  onConfirm: () => void;
  /** What it means. */
  children: ReactNode;
}

/** Asks before something is done that cannot be undone by the same button. */
export function Confirm({ title, submit, busy, onClose, onConfirm, children }: ConfirmProps) {
  return (
    <Dialog
      title={title}
      submit={submit}
      danger
      busy={busy}
      onClose={onClose}
      onSubmit={(event) => {
        event.preventDefault();
        onConfirm();
      }}
    >
      <div className="muted">{children}</div>
    </Dialog>
  );
}
