import { useCallback, useEffect, useState } from 'react';

export type Request<T> =
  | { state: 'loading'; reload: () => void }
  | { state: 'failed'; error: unknown; retry: () => void; reload: () => void }
  | { state: 'ready'; data: T; reload: () => void };

/** Reads something once for each `key`; an answer that comes after the key changed is dropped. */
export function useRequest<T>(key: string, read: () => Promise<T>): Request<T> {
  const [round, setRound] = useState(0);
  const [answer, setAnswer] = useState<{ key: string; request: { data: T } | { error: unknown } }>();
  const again = useCallback(() => {
    setAnswer((old) => (old && 'error' in old.request ? undefined : old));
    setRound((count) => count + 1);
  }, []);

  useEffect(() => {
    let isCurrent = true;
    read().then(
      (data) => isCurrent && setAnswer({ key, request: { data } }),
      (error: unknown) => isCurrent && setAnswer({ key, request: { error } }),
    );
    return () => {
      isCurrent = false;
    };
    // `read` is a new function on every render; `key` says when it reads something else.
  }, [key, round]);

  if (answer === undefined || answer.key !== key) return { state: 'loading', reload: again };
  if ('error' in answer.request) return { state: 'failed', error: answer.request.error, retry: again, reload: again };
  return { state: 'ready', data: answer.request.data, reload: again };
}
