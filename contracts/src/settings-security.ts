import { z } from 'zod';
import { setting } from './kit/settings';

const both = ['platform', 'organisation'] as const;
const atLeast = (value: number, floor: number): boolean => value >= floor;
const atMost = (value: number, floor: number): boolean => value <= floor;

export const locationProfiles = ['precise', 'balanced', 'private'] as const;

/** Addresses and networks: `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32`. */
export const AddressRange = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

/** Scheme, host and port of a page, as browsers send it. */
export const Origin = z
  .string()
  .max(200)
  .regex(
    /^https?:\/\/([a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(:\d{1,5})?$/,
    'is not an origin such as https://portal.example.com',
  );

/** What an organisation may make stricter than the platform, and never weaker. */
export const securitySettings = {
  'security.password-min-length': setting(z.int().min(8).max(64), {
    preset: 10,
    levels: both,
    isSensitive: true,
    isAtLeast: atLeast,
    description: 'How many characters a new password has at least.',
  }),
  'security.mfa-required-roles': setting(z.array(z.string().min(1).max(60)).max(50), {
    preset: [],
    levels: both,
    isSensitive: true,
    isAtLeast: (value, floor) => floor.every((role) => value.includes(role)),
    description: 'Roles that sign in with a second factor.',
  }),
  'security.session-idle-days': setting(z.int().min(1).max(90), {
    preset: 14,
    levels: both,
    isSensitive: true,
    isAtLeast: atMost,
    description: 'After how many days without use a session ends.',
  }),
  'security.session-absolute-days': setting(z.int().min(1).max(365), {
    preset: 90,
    levels: both,
    isSensitive: true,
    isAtLeast: atMost,
    description: 'After how many days a session ends, however much it is used.',
  }),
  'security.ip-allow': setting(z.array(AddressRange).max(200), {
    preset: [],
    levels: ['organisation'],
    isSensitive: true,
    description: 'Addresses and networks that people may sign in and call from. Empty: from anywhere.',
  }),
  'security.allowed-origins': setting(z.array(Origin).max(50), {
    preset: [],
    levels: ['organisation'],
    isSensitive: true,
    description: 'Origins of pages on other hosts that may call the hub for this organisation.',
  }),
  'security.api-key-max-days': setting(z.int().min(1).max(730), {
    preset: 365,
    levels: both,
    isSensitive: true,
    isAtLeast: atMost,
    description: 'For how many days an API key may be valid at most.',
  }),
  'privacy.location-profile': setting(z.enum(locationProfiles), {
    preset: 'precise',
    levels: both,
    isSensitive: true,
    isAtLeast: (value, floor) => locationProfiles.indexOf(value) >= locationProfiles.indexOf(floor),
    description:
      'How exactly positions of people are shown and how long they are kept exact; each is stricter than the one before.',
  }),
};
