import type { CustomField, FieldRules, Profile, RuledField, SeenUser } from '@loro/contracts/people-values';

/** Somebody as the fields of a form hold him. */
export interface ProfileDraft {
  name: string;
  phone: string;
  timezone: string;
  locale: string;
  jobTitle: string;
  employeeNo: string;
  homeBranchId: string;
  startedOn: string;
  endedOn: string;
  street: string;
  city: string;
  region: string;
  postalCode: string;
  country: string;
  birthday: string;
  contactName: string;
  contactPhone: string;
  contactRelation: string;
  skills: string;
  custom: Readonly<Record<string, string>>;
}

export function draftOf(person: SeenUser, rules: FieldRules): ProfileDraft {
  const { profile } = person;
  const { address, emergencyContact: contact } = profile ?? {};
  return {
    name: person.name,
    phone: person.phone ?? '',
    timezone: person.timezone ?? '',
    locale: person.locale ?? '',
    jobTitle: person.jobTitle ?? '',
    employeeNo: person.employeeNo ?? '',
    homeBranchId: person.homeBranchId ?? '',
    startedOn: person.startedOn ?? '',
    endedOn: person.endedOn ?? '',
    street: address?.street ?? '',
    city: address?.city ?? '',
    region: address?.region ?? '',
    postalCode: address?.postalCode ?? '',
    country: address?.country ?? '',
    birthday: profile?.birthday ?? '',
    contactName: contact?.name ?? '',
    contactPhone: contact?.phone ?? '',
    contactRelation: contact?.relation ?? '',
    skills: (profile?.skills ?? []).join('\n'),
    custom: Object.fromEntries(
      rules.customFields.map(({ name }) => [name, String(profile?.customFields?.[name] ?? '')]),
    ),
  };
}

const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim());

function addressOf({ street, city, region, postalCode, country }: ProfileDraft): Profile['address'] {
  if ([street, city, region, postalCode, country].every((part) => part.trim() === '')) return null;
  return {
    street: street.trim(),
    city: city.trim(),
    ...(region.trim() !== '' && { region: region.trim() }),
    ...(postalCode.trim() !== '' && { postalCode: postalCode.trim() }),
    country: country.trim().toUpperCase(),
  };
}

function contactOf({ contactName, contactPhone, contactRelation }: ProfileDraft): Profile['emergencyContact'] {
  if ([contactName, contactPhone, contactRelation].every((part) => part.trim() === '')) return null;
  const relation = contactRelation.trim();
  return { name: contactName.trim(), phone: contactPhone.trim(), ...(relation !== '' && { relation }) };
}

function customOf({ type }: CustomField, text: string): string | number | boolean | null {
  if (text.trim() === '') return null;
  if (type === 'number') return Number(text);
  return type === 'boolean' ? text === 'true' : text.trim();
}

/** Every field as the hub wants it. */
function valuesOf(draft: ProfileDraft, { customFields }: FieldRules) {
  return {
    name: draft.name.trim(),
    phone: orNull(draft.phone),
    timezone: orNull(draft.timezone),
    locale: orNull(draft.locale),
    jobTitle: orNull(draft.jobTitle),
    employeeNo: orNull(draft.employeeNo),
    homeBranchId: orNull(draft.homeBranchId),
    startedOn: orNull(draft.startedOn),
    endedOn: orNull(draft.endedOn),
    address: addressOf(draft),
    birthday: orNull(draft.birthday),
    emergencyContact: contactOf(draft),
    skills: draft.skills
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean),
    customFields: Object.fromEntries(
      customFields.map((field) => [field.name, customOf(field, draft.custom[field.name] ?? '')]),
    ),
  };
}
type Values = ReturnType<typeof valuesOf>;

/** What differs from before: nobody is asked about fields that he left as they were. */
export function changeOf(before: ProfileDraft, after: ProfileDraft, rules: FieldRules): Partial<Values> {
  const [old, now] = [valuesOf(before, rules), valuesOf(after, rules)];
  const changed = Object.entries(now).flatMap(([name, value]) => {
    if (name === 'customFields') return [];
    return JSON.stringify(value) === JSON.stringify(Object.entries(old).find(([key]) => key === name)?.[1])
      ? []
      : [[name, value] as const];
  });
  const custom = Object.entries(now.customFields).filter(([name, value]) => value !== old.customFields[name]);
  // A part of the values, under the same names.
  return Object.fromEntries([
    ...changed,
    ...(custom.length > 0 ? [['customFields', Object.fromEntries(custom)] as const] : []),
  ]);
}

const ofWriters = ['jobTitle', 'employeeNo', 'homeBranchId', 'startedOn', 'endedOn'] as const;

/** Whether its author may change a field, by the rules; `isWriter` says that he may change people. */
export function mayChange(
  field: RuledField | 'name' | (typeof ofWriters)[number],
  isWriter: boolean,
  { fields }: FieldRules,
): boolean {
  if (isWriter) return true;
  if (field === 'name') return true;
  if (ofWriters.some((one) => one === field)) return false;
  return ruleOf(fields, field)?.changedBy === 'self';
}

const ruleOf = (fields: FieldRules['fields'], field: string) =>
  Object.entries(fields).find(([name]) => name === field)?.[1];
