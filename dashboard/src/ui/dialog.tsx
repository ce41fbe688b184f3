import { type FormEvent, type ReactNode, useEffect, useId, useRef } from 'react';
import { Button } from './button';

interface DialogProps {
  title: string;
  /** Also on Escape. */
  onClose: () => void;
  onSubmit: (event: FormEvent) => void;
  /** What the button says that does it. */
  submit: string;
  busy?: boolean;
  danger?: boolean;
  children: ReactNode;
}

/** A form that stands above the page while it is mounted; the focus goes back to where it came from. */
export function Dialog({ title, onClose, onSubmit, submit, busy = false, danger = false, children }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const opener = useRef(document.activeElement);

  useEffect(() => {
    const { current } = dialog;
    const { current: before } = opener;
    if (current && !current.open) current.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);

  return (
    <dialog ref={dialog} className="dialog dialog-form-wide" aria-labelledby={id} onClose={onClose}>
      <form className="dialog-form" onSubmit={onSubmit} noValidate>
        <h2 id={id}>{title}</h2>
        {children}
        <div className="dialog-end">
          <Button kind="quiet" onClick={() => dialog.current?.close()}>
            Cancel
          </Button>
          <Button type="submit" kind={danger ? 'danger' : 'primary'} busy={busy}>
            {submit}
          </Button>
        </div>
      </form>
    </dialog>
  );
}
