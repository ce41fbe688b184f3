import { useEffect } from 'react';
import { hub } from './hub';
import { toastProblem } from './problem';
import { useSession } from './session';

/** Changed rights are in force everywhere within two seconds, not with the event that tells of them. */
const IN_FORCE_MS = 2_000;

/** What somebody may not do is not shown; this keeps what they may up to date. */
export function useOwnRights(): void {
  const { enter } = useSession();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const off = hub.access.on('roles:changed', () => {
      clearTimeout(timer);
      timer = setTimeout(() => void enter().catch(toastProblem), IN_FORCE_MS);
    });
    return () => {
      off();
      clearTimeout(timer);
    };
  }, [enter]);
}
