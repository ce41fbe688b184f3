import { useCallback, useState } from 'react';
import { toastProblem } from './problem';
import { useProof } from './proof';

interface Action {
  /** The name of what is under way. */
  readonly busy: string | null;
  /** Does one thing at a time; what the hub refuses is told in a toast. Resolves to whether it was done. */
  readonly run: (name: string, work: () => Promise<unknown>) => Promise<boolean>;
}

/** What a button does: busy meanwhile, with a fresh sign-in where the hub asks for one. */
export function useAction(): Action {
  const prove = useProof();
  const [busy, setBusy] = useState<string | null>(null);
  const run = useCallback(
    async (name: string, work: () => Promise<unknown>) => {
      setBusy(name);
      try {
        await prove(work);
        return true;
      } catch (error) {
        toastProblem(error);
        return false;
      } finally {
        setBusy(null);
      }
    },
    [prove],
  );
  return { busy, run };
}
