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
  const { id, name, kind, homeBranchId, jobTitle, avatarDocumentId, version, ...rest } = user;
  const { status, deactivatedAt, lastSeenAt, ...ruled } = rest;
  const near = viewer === 'colleague' ? {} : { status, deactivatedAt, lastSeenAt };
  return {
    id,
    name,
    kind,
    homeBranchId,
    jobTitle,
    avatarDocumentId,
    version,
    ...near,
    ...only(ruled, viewer, rules),
    ...(profile && { profile: shownProfile(profile, viewer, rules) }),
  };
}

export function shownProfile(profile: Profile, viewer: Viewer, rules: FieldRules): Partial<Profile> {
  const { customFields, ...ruled } = profile;
  const seen = rules.customFields.flatMap(({ name, seenBy }) => {
    // An organisation may call a field `constructor`.
    const value = Object.hasOwn(customFields, name) ? customFields[name] : undefined;
    return value !== undefined && sees(viewer, seenBy) ? [[name, value] as const] : [];
  });
  return { ...only(ruled, viewer, rules), customFields: Object.fromEntries(seen) };
}

function only<T extends Partial<Record<RuledField, unknown>>>(
  fields: T,
  viewer: Viewer,
  rules: FieldRules,
): Partial<T> {
  const names = Object.keys(presets).filter(
    // The presets name every ruled field and nothing else.
    (name) => name in fields && sees(viewer, ruleOf(rules, name as RuledField).seenBy),
  );
  // A part of what was given, under the same names.
  return Object.fromEntries(names.map((name) => [name, fields[name as RuledField]])) as Partial<T>;
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
