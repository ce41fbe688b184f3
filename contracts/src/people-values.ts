import { z } from 'zod';
import { Email, Id, Instant, LocalDate, ShortText, TimeZone } from './kit/values';

const currencies = new Set(Intl.supportedValuesOf('currency'));
const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/** ISO 4217, such as `ZAR`. */
export const Currency = z.string().refine((code) => currencies.has(code), { error: 'is not a currency code' });
/** ISO 3166-1 alpha-2, such as `ZA`. */
export const Country = z
  .string()
  .regex(/^[A-Z]{2}$/, 'is not a country code of two upper case letters')
  .refine((code) => /^[A-Z]{2}$/.test(code) && regions.of(code) !== undefined, { error: 'is not a country code' });
/** BCP 47, such as `en-ZA`. */
export const Locale = z.string().max(35).refine(isLocale, { error: 'is not a language tag such as en-ZA' });
/** E.164: `+27821234567`. */
export const Phone = z.string().regex(/^\+[1-9]\d{6,14}$/, 'is not a number such as +27821234567');

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

export const Organisation = z.object({
  id: Id,
  name: ShortText,
  slug: z.string(),
  status: z.enum(['trial', 'active', 'suspended', 'closed']),
  timezone: TimeZone,
  locale: z.string(),
  currency: z.string().length(3),
  country: z.string().length(2),
  /** How half a minor unit of money is rounded. */
  roundingMode: z.enum(['half-up', 'half-even']),
  ownerId: Id.nullable(),
  createdAt: Instant,
  closedAt: Instant.nullable(),
  version: z.number().int(),
});
export type Organisation = z.infer<typeof Organisation>;

export const userStatuses = ['invited', 'pending_verification', 'active', 'suspended', 'deactivated'] as const;

export const User = z.object({
  id: Id,
  email: Email,
  name: ShortText,
  phone: z.string().nullable(),
  status: z.enum(userStatuses),
  kind: z.enum(['person', 'client', 'reseller', 'service']),
  homeBranchId: Id.nullable(),
  managerId: Id.nullable(),
  jobTitle: z.string().nullable(),
  employeeNo: z.string().nullable(),
  timezone: z.string().nullable(),
  locale: z.string().nullable(),
  avatarDocumentId: Id.nullable(),
  startedOn: LocalDate.nullable(),
  endedOn: LocalDate.nullable(),
  deactivatedAt: Instant.nullable(),
  lastSeenAt: Instant.nullable(),
  version: z.number().int(),
});
export type User = z.infer<typeof User>;

/** What everybody of the organisation sees of somebody. */
export const Colleague = User.pick({
  id: true,
  name: true,
  kind: true,
  homeBranchId: true,
  jobTitle: true,
  avatarDocumentId: true,
  version: true,
});
export type Colleague = z.infer<typeof Colleague>;

export const Address = z.strictObject({
  street: ShortText,
  city: ShortText,
  region: ShortText.optional(),
  postalCode: z.string().trim().max(20).optional(),
  country: Country,
});
export const EmergencyContact = z.strictObject({
  name: ShortText,
  phone: Phone,
  relation: z.string().trim().max(60).optional(),
});
/** The name of a field that an organisation made up. */
export const CustomFieldName = z.string().regex(/^[a-z][a-zA-Z0-9]{0,39}$/, 'is not a name such as shirtSize');
export const CustomValue = z.union([z.string().trim().min(1).max(500), z.number(), z.boolean()]);

export const Profile = z.object({
  address: Address.nullable(),
  birthday: LocalDate.nullable(),
  emergencyContact: EmergencyContact.nullable(),
  skills: z.array(z.string()),
  customFields: z.record(z.string(), CustomValue),
});
export type Profile = z.infer<typeof Profile>;

/** Somebody as the caller may see him: of the rest only what the field rules show. */
export const SeenUser = Colleague.extend({
  ...User.omit({
    id: true,
    name: true,
    kind: true,
    homeBranchId: true,
    jobTitle: true,
    avatarDocumentId: true,
    version: true,
  }).partial().shape,
  profile: Profile.partial().optional(),
});
export type SeenUser = z.infer<typeof SeenUser>;

/** `everybody` of the organisation; `self`: the person and who may see details; `details`: only who may see details. */
export const seenBy = ['everybody', 'self', 'details'] as const;
/** `self`: the person himself too; `write`: only who may change people. */
export const changedBy = ['self', 'write'] as const;

/** Fields whose rules an organisation may set; the others are as they are for everybody. */
export const ruledFields = [
  'email',
  'phone',
  'employeeNo',
  'managerId',
  'startedOn',
  'endedOn',
  'timezone',
  'locale',
  'address',
  'birthday',
  'emergencyContact',
  'skills',
] as const;
export type RuledField = (typeof ruledFields)[number];

/** A field that an organisation made up for its people. */
export const CustomField = z.strictObject({
  name: CustomFieldName,
  label: ShortText,
  type: z.enum(['text', 'number', 'boolean', 'date', 'choice']),
  choices: z.array(ShortText).max(50).default([]),
  seenBy: z.enum(seenBy),
  changedBy: z.enum(changedBy),
});
export type CustomField = z.output<typeof CustomField>;

/** Who sees and who changes what of a person. */
export const FieldRules = z.strictObject({
  /** Nothing of these is kept from the person himself. */
  fields: z.partialRecord(
    z.enum(ruledFields),
    z.strictObject({ seenBy: z.enum(seenBy).exclude(['details']), changedBy: z.enum(changedBy) }),
  ),
  customFields: z
    .array(CustomField)
    .max(50)
    .refine((fields) => new Set(fields.map(({ name }) => name)).size === fields.length, {
      error: 'names a field twice',
    })
    .refine((fields) => fields.every(({ type, choices }) => (type === 'choice') === choices.length > 0), {
      error: 'gives choices to a field of another type, or none to a choice',
    }),
});
export type FieldRules = z.output<typeof FieldRules>;
