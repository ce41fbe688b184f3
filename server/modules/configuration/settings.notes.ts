import type { SettingChange } from '@loro/contracts/configuration-values';
import type { SettingDefinition } from '@loro/contracts/kit/settings';
import type { JournalNote, Json } from '../../platform';
import type { Place } from './settings.store';

/** What the journal is told of a change; of a secret, whether it is another one. */
export function noteOf(
  { orgId, level, ownerId, key }: Place,
  definition: SettingDefinition,
  change: SettingChange,
): JournalNote {
  const { beforeHash, afterHash, reason, changeSetId, wasLocked, isLocked } = change;
  const [before, after] = definition.isSecret ? [beforeHash, afterHash] : [change.before, change.after].map(plain);
  return {
    ...(definition.isSensitive && { type: 'security_event', severity: 'notice' }),
    action: after === null ? 'setting.cleared' : 'setting.changed',
    orgId,
    entity: { type: 'setting', id: `${level}:${ownerId}:${key}` },
    ...(level === 'branch' && { branchId: ownerId }),
    before: { value: before, isLocked: wasLocked },
    after: { value: after, isLocked },
    data: { key, level, reason, changeSetId },
  };
}

/** A thing as the journal can hold it. */
export const noted = (thing: object): object =>
  Object.fromEntries(Object.entries(thing).map(([name, one]) => [name, plain(one)]));

/** The journal holds whole numbers; others travel as text. */
function plain(value: unknown): Json {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'object'
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]))
    : null;
}
