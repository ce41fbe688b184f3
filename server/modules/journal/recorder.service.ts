import { type Caller, type Hub, HubError, type JournalNote, origin, ulidInOrder, Unavailable } from '../../platform';
import { type Draft, draftOf, type PersonalValue } from './draft.policy';
import type { PersonalStore } from './personal.store';

const POKE_MS = 1_000;
/** Of one statement; texts may take three bytes a character, and servers take 16 MiB by default. */
const MOST_BYTES = 2_000_000;
const ROW_BYTES = 1_000;

/** The one way into the journal: rows of the transaction that acts, chained later by the sealer. */
export class RecorderService {
  constructor(
    private readonly hub: Hub,
    private readonly personal: PersonalStore,
    private readonly onRecorded: () => void,
  ) {}

  /** An action that cannot be told does not happen. @returns the ids of the entries @throws HubError JOURNAL_BAD_VALUE, DEPENDENCY_DOWN */
  async record(notes: readonly JournalNote[], caller: Caller | undefined): Promise<string[]> {
    if (notes.length === 0) return [];
    const at = this.hub.now();
    const cause = origin().cause?.slice(0, 26);
    // The sealer goes by id, so what one process says keeps its order.
    const drafts = notes.map((note) => draftOf(note, { id: ulidInOrder(at.getTime()), caller, cause, at }));
    try {
      for (const [orgId, values] of byOrganisation(drafts)) await this.personal.keep(orgId, values);
      for (const part of partsOf(drafts)) await this.insert(part);
    } catch (error) {
      if (error instanceof HubError) throw error;
      // The cause tells a deadlock, after which the whole transaction is tried again.
      throw new Unavailable('DEPENDENCY_DOWN', 'The journal could not be written, so nothing was.', {
        retryAfterMs: POKE_MS,
        cause: error,
      });
    }
    this.onRecorded();
    return drafts.map(({ id }) => id);
  }

  private async insert(drafts: readonly Draft[]): Promise<void> {
    await this.hub.sequelize.query(
      `INSERT INTO journal_entries (org_id, id, type, action, outcome, severity, actor_kind, actor_id, entity_type,
         entity_id, branch_id, pii_refs, data, causation, occurred_at, recorded_at)
       VALUES ${drafts.map(() => '(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)').join(',')}`,
      {
        replacements: drafts.flatMap((draft) => [
          draft.orgId,
          draft.id,
          draft.type,
          draft.action,
          draft.outcome,
          draft.severity,
          draft.actor.kind,
          draft.actor.id ?? null,
          draft.entity?.type ?? null,
          draft.entity?.id ?? null,
          draft.branchId,
          JSON.stringify(draft.piiRefs),
          draft.data,
          draft.causation,
          draft.at,
          draft.at,
        ]),
      },
    );
  }
}

/** One, unless it were longer than a server takes. */
function partsOf(drafts: readonly Draft[]): Draft[][] {
  const parts: Draft[][] = [];
  let bytes = MOST_BYTES;
  for (const draft of drafts) {
    bytes += draft.data.length + ROW_BYTES;
    if (bytes > MOST_BYTES) {
      parts.push([]);
      bytes = draft.data.length + ROW_BYTES;
    }
    parts.at(-1)?.push(draft);
  }
  return parts;
}

function byOrganisation(drafts: readonly Draft[]): Map<string, PersonalValue[]> {
  const values = new Map<string, PersonalValue[]>();
  for (const { orgId, personal } of drafts)
    if (personal.length > 0) values.set(orgId, [...(values.get(orgId) ?? []), ...personal]);
  return values;
}
