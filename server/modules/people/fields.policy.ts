import type { FieldError } from '@loro/contracts/kit/problem';
import type { User } from '@loro/contracts/people';
import type { CustomField, FieldRules, Profile, RuledField, SeenUser } from '@loro/contracts/people-values';

type Rule = NonNullable<FieldRules['fields'][RuledField]>;

/** Who looks, or who changes: nearest first. */
export type Viewer = 'colleague' | 'self' | 'details';

const own: Rule = { seenBy: 'self', changedBy: 'self' };
const kept: Rule = { seenBy: 'self', changedBy: 'write' };
const presets: Readonly<Record<RuledField, Rule>> = {
  email: kept,
  phone: own,
  employeeNo: kept,
  managerId: kept,
  startedOn: kept,
  endedOn: kept,
  timezone: own,
  locale: own,
  address: own,
  birthday: own,
  emergencyContact: own,
  skills: own,
};

export const noRules: FieldRules = { fields: {}, customFields: [] };

/** The rules of an organisation, with what it did not say filled in. */
export const withPresets = ({ fields, customFields }: FieldRules): FieldRules => ({
  fields: { ...presets, ...fields },
  customFields,
});

export const ruleOf = ({ fields }: FieldRules, field: RuledField): Rule => fields[field] ?? presets[field];

const sees = (viewer: Viewer, seenBy: CustomField['seenBy']): boolean =>
  seenBy === 'everybody' || viewer === 'details' || (seenBy === 'self' && viewer === 'self');

/** A person as somebody may see him. */
export function shown(user: User, profile: Profile | null, viewer: Viewer, rules: FieldRules): SeenUser {
  const { id, name, kind, homeBranchId, jobTitle, avatarDocumentId, version } = user;
  const seen: SeenUser = { id, name, kind, homeBranchId, jobTitle, avatarDocumentId, version };
  if (viewer !== 'colleague') {
    seen.status = user.status;
    seen.deactivatedAt = user.deactivatedAt;
    seen.lastSeenAt = user.lastSeenAt;
  }
  put(seen, user, viewer, rules);
  if (profile) seen.profile = shownProfile(profile, viewer, rules);
  return seen;
}

export function shownProfile(profile: Profile, viewer: Viewer, rules: FieldRules): Partial<Profile> {
  const { customFields } = profile;
  const seen: Partial<Profile> = {};
  put(seen, profile, viewer, rules);
  seen.customFields = {};
  for (const { name, seenBy } of rules.customFields) {
    // An organisation may call a field `constructor`.
    const value = Object.hasOwn(customFields, name) ? customFields[name] : undefined;
    if (value !== undefined && sees(viewer, seenBy))
      Object.defineProperty(seen.customFields, name, { value, enumerable: true, writable: true, configurable: true });
  }
  return seen;
}

/** Rules are made once for many people that are looked at by them. */
const visibleBy = new WeakMap<FieldRules, Partial<Record<Viewer, readonly RuledField[]>>>();

function visible(viewer: Viewer, rules: FieldRules): readonly RuledField[] {
  const known = visibleBy.get(rules) ?? {};
  visibleBy.set(rules, known);
  // The presets name every ruled field and nothing else.
  return (known[viewer] ??= (Object.keys(presets) as RuledField[]).filter((name) =>
    sees(viewer, ruleOf(rules, name).seenBy),
  ));
}

/** Puts the fields that may be seen into `to`. */
function put(
  to: Partial<Record<RuledField, unknown>>,
  fields: Partial<Record<RuledField, unknown>>,
  viewer: Viewer,
  rules: FieldRules,
): void {
  for (const name of visible(viewer, rules)) if (name in fields) to[name] = fields[name];
}

export interface FieldChange {
  readonly customFields?: Readonly<Record<string, string | number | boolean | null>> | undefined;
}

/** What of a change its author may not do by the rules. */
export function forbiddenFields(change: FieldChange, author: 'self' | 'write', rules: FieldRules): FieldError[] {
  if (author === 'write') return [];
  const forbidden = (path: string): FieldError => ({
    path,
    code: 'field_forbidden',
    message: 'is not yours to change',
  });
  const fields = Object.keys(presets)
    // As above.
    .filter((name) => name in change && ruleOf(rules, name as RuledField).changedBy === 'write')
    .map(forbidden);
  const custom = Object.keys(change.customFields ?? {})
    .filter((name) => rules.customFields.find((field) => field.name === name)?.changedBy === 'write')
    .map((name) => forbidden(`customFields.${name}`));
  return [...fields, ...custom];
}

const wanted: Readonly<Record<CustomField['type'], (value: unknown, field: CustomField) => boolean>> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  date: (value) => typeof value === 'string' && isDate(value),
  choice: (value, { choices }) => typeof value === 'string' && choices.includes(value),
};

const isDate = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text;

/** What of the custom values does not fit the fields that the organisation made up. */
export function wrongCustomValues({ customFields = {} }: FieldChange, rules: FieldRules): FieldError[] {
  return Object.entries(customFields).flatMap(([name, value]): FieldError[] => {
    const path = `customFields.${name}`;
    const field = rules.customFields.find((known) => known.name === name);
    if (!field) return [{ path, code: 'unknown_field', message: 'is not a field of this organisation' }];
    if (value === null || wanted[field.type](value, field)) return [];
    return [{ path, code: 'invalid_value', message: `is not a ${field.type} that this field takes` }];
  });
}
