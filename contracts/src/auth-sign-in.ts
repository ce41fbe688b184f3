import { z } from 'zod';
import { SecondStep } from './auth-factors';
import { DeviceId, Tokens } from './auth-sessions';
import { Email } from './kit/values';

/** Where somebody comes in, whatever proves who it is. */
export const Entering = z.strictObject({
  deviceName: z.string().trim().max(120).optional(),
  /** Where it is given, the session's refresh tokens count on this device alone. */
  deviceId: DeviceId.optional(),
  /** Of an earlier second step; spares the next one. Browsers have it in a cookie. */
  trustedDevice: z.string().min(1).max(100).optional(),
  /** Browsers: keep the refresh token in an HttpOnly cookie instead of the answer. */
  cookie: z.boolean().default(false),
});

/** Which organisation, by its short name. */
export const OrganisationSlug = z.string().trim().min(1).max(80);

export const SignIn = Entering.extend({
  email: Email,
  password: z.string().min(1).max(1024),
  /** Which organisation, when the address belongs to several. */
  organisation: z.string().trim().max(80).optional(),
});

export const OrganisationChoice = z.object({ slug: z.string(), name: z.string() });
export type OrganisationChoice = z.infer<typeof OrganisationChoice>;

export const SignedIn = z.discriminatedUnion('status', [
  Tokens,
  z.object({ status: z.literal('choose-organisation'), organisations: z.array(OrganisationChoice) }),
  SecondStep,
]);
export type SignedIn = z.infer<typeof SignedIn>;
