import { LoroError } from '@loro/client';
import { createContext, type FormEvent, type ReactNode, use, useCallback, useMemo, useRef, useState } from 'react';
import { Button } from '../ui/button';
import { TextField } from '../ui/field';
import { hub } from './hub';

type Prove = <T>(work: () => Promise<T>) => Promise<T>;

const ProofContext = createContext<Prove>((work) => work());

/** Runs what may ask for a fresh sign-in: where it does, the person is asked for the password, and it runs again. */
export const useProof = (): Prove => use(ProofContext);

interface Asked {
  resolve: () => void;
  reject: (error: unknown) => void;
}

export function ProofProvider({ children }: { children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const asked = useRef<Asked | null>(null);
  const [password, setPassword] = useState('');
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [isAsked, setAsked] = useState(false);

  const ask = useCallback(
    () =>
      new Promise<void>((resolve, reject) => {
        asked.current = { resolve, reject };
        setPassword('');
        setError(undefined);
        setAsked(true);
        dialog.current?.showModal();
      }),
    [],
  );
  const prove = useCallback<Prove>(
    async (work) => {
      try {
        return await work();
      } catch (refused) {
        if (!(refused instanceof LoroError) || refused.code !== 'REAUTH_REQUIRED') throw refused;
        await ask();
        return work();
      }
    },
    [ask],
  );

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await hub.auth.prove({ password });
      asked.current?.resolve();
      asked.current = null;
      dialog.current?.close();
    } catch (refused) {
      setError(refused instanceof LoroError ? refused.problem.detail : 'The hub did not answer.');
    } finally {
      setBusy(false);
    }
  };
  const close = () => {
    setAsked(false);
    asked.current?.reject(new Error('It was left as it is.'));
    asked.current = null;
  };

  const value = useMemo(() => prove, [prove]);
  return (
    <ProofContext value={value}>
      {children}
      <dialog ref={dialog} className="dialog" aria-labelledby="proof-title" onClose={close}>
        {isAsked && (
          <form className="dialog-form" onSubmit={(event) => void submit(event)} noValidate>
            <h2 id="proof-title">Is it you?</h2>
            <p className="muted small">
              This changes how your account is protected, so your password is asked for once more.
            </p>
            <TextField
              label="Password"
              type="password"
              autoComplete="current-password"
              autoFocus
              value={password}
              error={error}
              onChange={(event) => setPassword(event.target.value)}
            />
            <div className="dialog-end">
              <Button kind="quiet" onClick={() => dialog.current?.close()}>
                Cancel
              </Button>
              <Button type="submit" kind="primary" busy={isBusy}>
                Go on
              </Button>
            </div>
          </form>
        )}
      </dialog>
    </ProofContext>
  );
}
