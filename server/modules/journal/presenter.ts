import type { JournalEntry } from '@loro/contracts/journal-entries';
import { type Actor, may } from '../../platform';
import { type EntryRow, parsed, toContract } from './entry.store';
import { ERASED, type PersonalStore } from './personal.store';

/** Shows entries as far as the reader may see them: personal values only to who holds the permission for them. */
export class Presenter {
  constructor(private readonly personal: PersonalStore) {}

  async entries(actor: Actor, rows: readonly EntryRow[]): Promise<JournalEntry[]> {
    return may(actor, 'journal.read-pii', { orgId: actor.orgId })
      ? this.opened(actor.orgId, rows)
      : rows.map((row) => toContract(row));
  }

  /** With every personal value whose key stands. */
  async opened(orgId: string, rows: readonly EntryRow[]): Promise<JournalEntry[]> {
    const values = await this.valuesOf(orgId, rows);
    return rows.map((row) =>
      toContract(
        row,
        reveal(parsed(row.data), (pii) => ({ ...pii, value: valueIn(values, pii) })),
      ),
    );
  }

  /** The data with the values themselves in their places, and a word where they are not to be seen. */
  async plain(actor: Actor, rows: readonly EntryRow[]): Promise<Record<string, unknown>[]> {
    if (!may(actor, 'journal.read-pii', { orgId: actor.orgId }))
      return rows.map((row) => reveal(parsed(row.data), () => HIDDEN));
    const values = await this.valuesOf(actor.orgId, rows);
    return rows.map((row) => reveal(parsed(row.data), (pii) => valueIn(values, pii)));
  }

  private valuesOf(orgId: string, rows: readonly EntryRow[]): Promise<Map<string, unknown>> {
    const refs = rows.flatMap((row): string[] => JSON.parse(row.pii_refs));
    return this.personal.open(orgId, refs);
  }
}

const HIDDEN = '[personal]';

interface Pii {
  readonly $pii: string;
}

const valueIn = (values: ReadonlyMap<string, unknown>, { $pii }: Pii): unknown =>
  values.has($pii) ? values.get($pii) : ERASED;

const isPii = (value: object): value is Pii => '$pii' in value && typeof value.$pii === 'string';

function reveal(data: Record<string, unknown>, show: (pii: Pii) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, revealed(value, show)]));
}

function revealed(value: unknown, show: (pii: Pii) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((entry) => revealed(entry, show));
  return isPii(value) ? show(value) : reveal({ ...value }, show);
}
