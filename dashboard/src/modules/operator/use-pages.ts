import type { ListOf } from '@loro/contracts/kit/api';
import { useCallback, useEffect, useRef, useState } from 'react';

const EVERY_MS = 3_000;

export interface Pages<Row> {
  /** Null until the first answer. */
  rows: readonly Row[] | null;
  /** Why the last look failed; the rows of the one before stay. */
  error: unknown;
  /** Counts from 1. */
  page: number;
  next: (() => void) | null;
  previous: (() => void) | null;
  retry: () => void;
}

type Read<Row> = (input: { limit: number; cursor?: string }) => Promise<ListOf<Row>>;

interface Answer<Row> {
  cursor: string | null;
  list: ListOf<Row> | null;
  error: unknown;
}

/** One page of a list, read again every three seconds while somebody looks. */
export function usePages<Row>(read: Read<Row>, limit: number): Pages<Row> {
  // Where each page that was turned to begins; the first begins at null.
  const [starts, setStarts] = useState<readonly (string | null)[]>([null]);
  const [answer, setAnswer] = useState<Answer<Row>>({ cursor: null, list: null, error: null });
  const [round, setRound] = useState(0);
  const latestRead = useRef(read);
  const cursor = starts.at(-1) ?? null;

  useEffect(() => {
    latestRead.current = read;
  });

  useEffect(() => {
    let isCurrent = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      if (!document.hidden) {
        try {
          const list = await latestRead.current({ limit, ...(cursor !== null && { cursor }) });
          if (isCurrent) setAnswer({ cursor, list, error: null });
        } catch (error) {
          if (isCurrent) setAnswer((old) => ({ ...old, error }));
        }
      }
      if (isCurrent) timer = setTimeout(() => void look(), EVERY_MS);
    };
    void look();
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [cursor, limit, round]);

  const { list, error } = answer;
  const nextCursor = answer.cursor === cursor ? (list?.page.nextCursor ?? null) : null;
  const turn = useCallback((to: string) => setStarts((old) => [...old, to]), []);
  return {
    rows: list?.data ?? null,
    error,
    page: starts.length,
    next: nextCursor === null ? null : () => turn(nextCursor),
    previous: starts.length === 1 ? null : () => setStarts((old) => old.slice(0, -1)),
    retry: () => setRound((count) => count + 1),
  };
}
