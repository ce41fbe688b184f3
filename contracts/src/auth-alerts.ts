import { z } from 'zod';
import { event, live } from './kit/live';
import { Instant } from './kit/values';
import { notificationStreams } from './notifications';

export const alertKinds = [
  'new-device',
  'refresh-reused',
  'factor-added',
  'factor-removed',
  'factor-locked',
  'recovery-codes-made',
  'recovery-code-used',
  'password-changed',
  'email-changed',
  'sign-in-closed',
  'factor-recovery',
  'factors-reset',
  'impersonation-asked',
  'impersonation-begun',
  'impersonation-ended',
] as const;

/** Something about one's own account that one should know of even if one did it oneself; a mail says the same. */
export const SecurityAlert = z.object({
  kind: z.enum(alertKinds),
  at: Instant,
  ip: z.string().optional(),
  deviceName: z.string().optional(),
});
export type SecurityAlert = z.infer<typeof SecurityAlert>;

export const authLive = live('/notifications', {
  streams: { user: notificationStreams.user },
  calls: {},
  events: {
    'security:alert': event('user', SecurityAlert, 'Something happened to one’s own account'),
  },
});
