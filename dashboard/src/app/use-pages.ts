import type { ListOf } from '@loro/contracts/kit/api';
import { useCallback, useEffect, useRef, useState } from 'react';

export interface Pages<Row> {
  /** Null until the first answer; those of the page before stay until the next one is there. */
  rows: readonly Row[] | null;
  /** Why the last look failed; the rows of the one before stay. */
  error: unknown;
  /** Counts from 1. */
  page: number;
  next: (() => void) | null;
  previous: (() => void) | null;
  /** Looks again at the same page. */
  retry: () => void;
}

type Read<Row> = (input: { limit: number; cursor?: string }) => Promise<ListOf<Row>>;

interface Options {
  limit: number;
  /** What is asked for, such as a filter: another one begins at the first page. */
  key?: string;
  /** Another number looks again at the same page. */
  round?: number;
  /** Looks again by itself while somebody looks; without it once. */
  everyMs?: number;
}

interface Answer<Row> {
  at: string;
  list: ListOf<Row> | null;
  error: unknown;
}

const FIRST: readonly (string | null)[] = [null];

/** One page of a list, with the ones beside it to turn to. */
export function usePages<Row>(read: Read<Row>, { limit, key = '', round = 0, everyMs }: Options): Pages<Row> {
  // Where each page that was turned to begins; the first begins at null.
  const [turned, setTurned] = useState({ key, starts: FIRST });
  const [answer, setAnswer] = useState<Answer<Row>>({ at: '', list: null, error: null });
  const [again, setAgain] = useState(0);
  const latestRead = useRef(read);
  const starts = turned.key === key ? turned.starts : FIRST;
  const cursor = starts.at(-1) ?? null;
  const at = `${cursor ?? ''} ${key}`;

  useEffect(() => {
    latestRead.current = read;
  });

  useEffect(() => {
    let isCurrent = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      if (!document.hidden || everyMs === undefined) {
        try {
          const list = await latestRead.current({ limit, ...(cursor !== null && { cursor }) });
          if (isCurrent) setAnswer({ at, list, error: null });
        } catch (error) {
          if (isCurrent) setAnswer((old) => ({ ...old, error }));
        }
      }
      if (isCurrent && everyMs !== undefined) timer = setTimeout(() => void look(), everyMs);
    };
    void look();
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [at, cursor, everyMs, limit, round, again]);

  const nextCursor = answer.at === at ? (answer.list?.page.nextCursor ?? null) : null;
  const retry = useCallback(() => setAgain((count) => count + 1), []);
  return {
    rows: answer.list?.data ?? null,
    error: answer.error,
    page: starts.length,
    next: nextCursor === null ? null : () => setTurned({ key, starts: [...starts, nextCursor] }),
    previous: starts.length === 1 ? null : () => setTurned({ key, starts: starts.slice(0, -1) }),
    retry,
  };
}
