import type { EntryQuery } from '@loro/contracts/journal-entries';
import { useId } from 'react';
import { SelectField, TextField } from '../../ui/field';
import { PersonField } from '../people/person-field';
import { entryTypes, typeTitles } from './words';

/** As they stand in the fields; empty asks for everything. */
export interface Filters {
  type: string;
  actorId: string;
  entityType: string;
  entityId: string;
  from: string;
  to: string;
}

export const anything: Filters = { type: '', actorId: '', entityType: '', entityId: '', from: '', to: '' };

type Asked = Pick<EntryQuery, 'type' | 'actorId' | 'entityType' | 'entityId' | 'from' | 'to'>;

/** What the hub is asked; days are those of whoever looks, both of them whole. */
export function queryOf({ type, actorId, entityType, entityId, from, to }: Filters): Asked {
  const known = entryTypes.find((one) => one === type);
  return {
    ...(known && { type: known }),
    ...(actorId && { actorId }),
    ...(entityType.trim() && { entityType: entityType.trim() }),
    ...(entityId.trim() && { entityId: entityId.trim() }),
    ...(from && { from: new Date(`${from}T00:00:00`).toISOString() }),
    ...(to && { to: dayAfter(to).toISOString() }),
  };
}

function dayAfter(day: string): Date {
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + 1);
  return date;
}

const things = ['user', 'role', 'setting', 'flag', 'branch', 'team', 'organisation', 'document', 'session', 'license'];

interface FilterFieldsProps {
  filters: Filters;
  onChange: (filters: Filters) => void;
}

export function FilterFields({ filters, onChange }: FilterFieldsProps) {
  const listId = useId();
  const change = (part: Partial<Filters>) => onChange({ ...filters, ...part });
  return (
    <>
      <SelectField label="Type" value={filters.type} onChange={(event) => change({ type: event.target.value })}>
        <option value="">Everything</option>
        {entryTypes.map((type) => (
          <option key={type} value={type}>
            {typeTitles[type]}
          </option>
        ))}
      </SelectField>
      <PersonField label="Done by" onChange={(userId) => change({ actorId: userId ?? '' })} />
      <TextField
        label="Kind of thing"
        list={listId}
        value={filters.entityType}
        onChange={(event) => change({ entityType: event.target.value })}
      />
      <datalist id={listId}>
        {things.map((thing) => (
          <option key={thing} value={thing} />
        ))}
      </datalist>
      <TextField
        label="Id of the thing"
        value={filters.entityId}
        onChange={(event) => change({ entityId: event.target.value })}
      />
      <TextField
        label="From"
        type="date"
        value={filters.from}
        onChange={(event) => change({ from: event.target.value })}
      />
      <TextField
        label="Through"
        type="date"
        value={filters.to}
        onChange={(event) => change({ to: event.target.value })}
      />
    </>
  );
}
