import type { SeenUser } from '@loro/contracts/people-values';
import { useEffect, useId, useRef, useState } from 'react';
import { hub } from '../../app/hub';
import { useRequest } from '../../app/use-request';
import { TextField } from '../../ui/field';
import { useSettled } from '../../ui/use-settled';

interface PersonFieldProps {
  label: string;
  /** The id of the person that the words name; null where they name nobody. */
  onChange: (userId: string | null) => void;
}

/** One person, by typing a part of the name and taking one of those that are offered. */
export function PersonField({ label, onChange }: PersonFieldProps) {
  const listId = useId();
  const [typed, setTyped] = useState('');
  const [takenId, setTakenId] = useState<string>();
  const q = useSettled(typed.trim());
  const request = useRequest(q, async () => (q === '' ? [] : (await hub.people.list({ q, limit: 10 })).data));
  const people = request.state === 'ready' ? request.data : [];
  const named = people.filter(({ name }) => name === typed.trim());
  const namedId = named.length === 1 ? named[0]?.id : undefined;
  const latest = useRef(onChange);

  useEffect(() => {
    latest.current = onChange;
  });
  // Whom the words name may be known a moment after the last of them.
  useEffect(() => latest.current(takenId ?? namedId ?? null), [takenId, namedId]);

  return (
    <>
      <TextField
        label={label}
        type="search"
        list={listId}
        autoComplete="off"
        value={typed}
        onChange={({ target: { value } }) => {
          // What was taken from the list would find nobody as a part of a name.
          const taken = people.find((person) => labelOf(person) === value);
          setTyped(taken?.name ?? value);
          setTakenId(taken?.id);
        }}
      />
      <datalist id={listId}>
        {people.map((person) => (
          <option key={person.id} value={labelOf(person)} />
        ))}
      </datalist>
    </>
  );
}

const labelOf = ({ name, email }: SeenUser): string => (email === undefined ? name : `${name} (${email})`);
