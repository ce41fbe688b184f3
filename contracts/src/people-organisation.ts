import { z } from 'zod';
import { act, command, create, get, patch } from './kit/api';
import { Id, Instant, ShortText, TimeZone } from './kit/values';
import { Country, Currency, Locale, Organisation } from './people-values';

export const Slug = z
  .string()
  .regex(/^[a-z0-9](-?[a-z0-9]){1,79}$/, 'is lower case letters, digits and single dashes, 2 to 80');

export const OrganisationChange = z
  .strictObject({
    name: ShortText,
    slug: Slug,
    timezone: TimeZone,
    locale: Locale,
    currency: Currency,
    country: Country,
    roundingMode: Organisation.shape.roundingMode,
  })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' });

/** An offer of the owner to somebody, until that one accepts. */
export const OwnershipTransfer = z.object({
  id: Id,
  fromUserId: Id,
  toUserId: Id,
  status: z.enum(['open', 'accepted', 'declined', 'expired']),
  createdAt: Instant,
  expiresAt: Instant,
});
export type OwnershipTransfer = z.infer<typeof OwnershipTransfer>;

export const organisationRows = {
  organisation: get('/organisation', {
    permission: 'people.read',
    returns: Organisation,
    summary: 'Read the caller’s organisation',
  }),
  updateOrganisation: patch('/organisation', {
    permission: 'organisation.update',
    body: OrganisationChange,
    returns: Organisation,
    versioned: true,
    errors: ['SLUG_TAKEN'],
    summary: 'Change name, time zone, locale, currency, country or rounding',
  }),
  transferOwnership: create('/organisation/transfer-ownership', {
    permission: 'organisation.own',
    freshSignIn: true,
    body: z.strictObject({ toUserId: Id }),
    returns: OwnershipTransfer,
    errors: ['TRANSFER_OPEN', 'USER_STATE_INVALID'],
    summary: 'Offer the organisation to somebody; it is theirs when they accept, within seven days',
  }),
  ownershipTransfer: get('/organisation/transfer-ownership', {
    permission: 'account.use',
    returns: OwnershipTransfer,
    summary: 'Read the open offer, as one of the two',
  }),
  acceptOwnership: act('/organisation/transfer-ownership/:transferId/accept', {
    permission: 'account.use',
    freshSignIn: true,
    returns: Organisation,
    errors: ['TRANSFER_ENDED'],
    summary: 'Become the owner, as the one it was offered to',
  }),
  declineOwnership: command('/organisation/transfer-ownership/:transferId/decline', {
    permission: 'account.use',
    errors: ['TRANSFER_ENDED'],
    summary: 'End the offer, as one of the two',
  }),
  closeOrganisation: act('/organisation/close', {
    permission: 'organisation.own',
    freshSignIn: true,
    license: 'any',
    returns: Organisation,
    errors: ['ORGANISATION_CLOSED'],
    summary: 'Close the organisation: from now only the owner gets in, and may undo it for thirty days',
  }),
  reopenOrganisation: act('/organisation/reopen', {
    permission: 'organisation.own',
    freshSignIn: true,
    license: 'any',
    returns: Organisation,
    errors: ['ORGANISATION_OPEN', 'TOO_LATE'],
    summary: 'Undo the closing, within thirty days',
  }),
};
