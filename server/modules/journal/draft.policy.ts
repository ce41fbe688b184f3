import { createHash, randomBytes } from 'node:crypto';
import { canonicalJson, type Caller, type JournalNote, type Json, ulid } from '../../platform';
import { changesBetween, namesOf } from './diff.policy';
import { actorOf, agentFamily, type EntryActor, sessionHash, truncatedIp } from './source.policy';
import { type Change, fit, journalValue, MAX_BYTES, truncated } from './values.policy';

export interface Subject {
  readonly type: string;
  readonly id: string;
}

/** A personal value that waits to be sealed under its subject's key. */
export interface PersonalValue {
  readonly ref: string;
  readonly entryId: string;
  readonly subject: Subject;
  /** Salt and value, as the commitment in the entry was made of them. */
  readonly plain: Buffer;
}

/** An entry as it is written: unsealed, its data as the text that will be hashed. */
export interface Draft {
  readonly orgId: string;
  readonly id: string;
  readonly type: NonNullable<JournalNote['type']>;
  readonly action: string;
  readonly outcome: NonNullable<JournalNote['outcome']>;
  readonly severity: NonNullable<JournalNote['severity']>;
  readonly actor: EntryActor;
  readonly entity: Subject | null;
  readonly branchId: string | null;
  readonly piiRefs: readonly string[];
  readonly data: string;
  readonly causation: string | null;
  readonly at: Date;
  readonly personal: readonly PersonalValue[];
}

/** Whose journal holds what belongs to no organisation, such as a sign-in with an address that nobody has. */
export const HUB_JOURNAL = '0'.repeat(26);

const SALT_BYTES = 32;
const GRAVE = new Set(['warning', 'error', 'critical']);

interface Circumstances {
  readonly id: string;
  readonly caller: Caller | undefined;
  readonly cause: string | undefined;
  readonly at: Date;
}

/** Turns what a room says into an entry. @throws HubError JOURNAL_BAD_VALUE */
export function draftOf(note: JournalNote, { id, caller, cause, at }: Circumstances): Draft {
  const orgId = note.orgId ?? caller?.actor?.orgId ?? HUB_JOURNAL;
  const actor = actorOf(caller);
  const entity = note.entity ? { type: note.entity.type.slice(0, 60), id: note.entity.id.slice(0, 100) } : null;
  const severity = note.severity ?? 'info';
  const veil = new Veil(id, subjectOf(note, entity, actor, orgId), note.personal ?? []);
  const branchId = note.branchId ?? null;
  const source = sourceOf({ caller, cause, branchId, veil, isGrave: GRAVE.has(severity) });
  const helper = caller?.actor?.impersonatorId;
  const data = {
    ...saidOf(note, veil),
    ...(Object.keys(source).length > 0 && { source }),
    // Who did it by hand, beside whose account did it.
    ...(helper !== undefined && { impersonatedBy: helper }),
  };
  const text = fit(data);
  return {
    orgId,
    id,
    type: note.type ?? 'data_change',
    action: note.action.slice(0, 80),
    outcome: note.outcome ?? 'success',
    severity,
    actor,
    entity,
    branchId,
    piiRefs: veil.values.map(({ ref }) => ref),
    data: text,
    causation: cause ?? null,
    at,
    personal: veil.values,
  };
}

function subjectOf(note: JournalNote, entity: Subject | null, actor: EntryActor, orgId: string): Subject {
  if (note.subject) return { type: note.subject.type.slice(0, 60), id: note.subject.id.slice(0, 100) };
  if (entity) return entity;
  return actor.kind === 'user' && actor.id !== undefined
    ? { type: 'user', id: actor.id }
    : { type: 'organisation', id: orgId };
}

function saidOf(note: JournalNote, veil: Veil): Record<string, Json> {
  const said = Object.entries(note.data ?? {}).flatMap(([key, value]): [string, Json][] =>
    value === undefined ? [] : [[key, veil.hide([key], journalValue(value, 'refuse', `/${key}`, 1))]],
  );
  const changes = changesBetween(note.before, note.after).map((change) => veil.hideChange(change));
  return {
    ...Object.fromEntries(said),
    ...((note.before || note.after) && { changes }),
    ...(!note.before && note.after && { created: true }),
    ...(note.before && !note.after && { removed: true }),
  };
}

interface SourceOf {
  readonly caller: Caller | undefined;
  readonly cause: string | undefined;
  readonly branchId: string | null;
  readonly veil: Veil;
  readonly isGrave: boolean;
}

/** From where: part of the hashed data, so that nobody can change it unseen. */
function sourceOf({ caller, cause, branchId, veil, isGrave }: SourceOf): Record<string, Json> {
  const ip = caller && truncatedIp(caller.ip);
  const agent = caller && agentFamily(caller.userAgent);
  return {
    ...(branchId !== null && { branchId }),
    ...(cause !== undefined && { cause }),
    ...(caller && { requestId: caller.requestId }),
    ...(caller?.actor && { sessionHash: sessionHash(caller.actor.sessionId) }),
    ...(ip !== undefined && { ip: isGrave ? veil.seal(caller?.ip ?? ip) : ip }),
    ...(agent !== undefined && { agent }),
  };
}

/** Puts a reference and a commitment in the place of what is personal. */
class Veil {
  readonly values: PersonalValue[] = [];

  constructor(
    private readonly entryId: string,
    private readonly subject: Subject,
    private readonly fields: readonly string[],
  ) {}

  hide(names: readonly string[], value: Json): Json {
    const dotted = names.join('.');
    if (this.fields.some((field) => dotted === field || dotted.startsWith(`${field}.`))) return this.seal(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    // Only fields of what is named deeper are looked for: most notes name none.
    if (!this.fields.some((field) => field.startsWith(`${dotted}.`))) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, this.hide([...names, key], inner ?? null)]),
    );
  }

  hideChange({ path, from, to }: Change): { [key: string]: Json } {
    const names = namesOf(path);
    return {
      path,
      ...(from !== undefined && { from: this.hide(names, from) }),
      ...(to !== undefined && { to: this.hide(names, to) }),
    };
  }

  seal(value: Json): Json {
    const text = canonicalJson(value);
    const kept = Buffer.byteLength(text) > MAX_BYTES ? canonicalJson(truncated(value)) : text;
    const plain = Buffer.concat([randomBytes(SALT_BYTES), Buffer.from(kept)]);
    const ref = ulid();
    this.values.push({ ref, entryId: this.entryId, subject: this.subject, plain });
    return { $pii: ref, c: createHash('sha256').update(plain).digest('hex') };
  }
}

/** The value behind a salt. */
export const valueOf = (plain: Buffer): Json => JSON.parse(plain.subarray(SALT_BYTES).toString('utf8'));
