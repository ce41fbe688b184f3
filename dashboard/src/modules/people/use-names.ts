import { useEffect, useState } from 'react';
import { hub } from '../../app/hub';

// Names of people are the same on every page, and seldom change.
const known = new Map<string, string>();

/** The names behind ids, as they come in; of ids that nobody is found by there are none. */
export function useNames(ids: readonly (string | null | undefined)[]): ReadonlyMap<string, string> {
  const [, setRound] = useState(0);
  const missing = [...new Set(ids)].filter((id) => typeof id === 'string' && !known.has(id)).join(' ');

  useEffect(() => {
    if (missing === '') return;
    let isCurrent = true;
    const ask = async (userId: string) => {
      const name = await hub.people.get({ userId }).then(
        (person) => person.name,
        () => '',
      );
      known.set(userId, name);
    };
    void Promise.all(missing.split(' ').map(ask)).then(() => isCurrent && setRound((count) => count + 1));
    return () => {
      isCurrent = false;
    };
  }, [missing]);

  return known;
}
