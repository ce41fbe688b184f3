import { permissions } from './kit/permissions';
import { errors } from './kit/problem';

export const configurationErrors = errors({
  CONFIG_UNKNOWN_KEY: { status: 404, title: 'Unknown setting', help: 'See `GET /config/schema` for every setting.' },
  CONFIG_LEVEL_NOT_ALLOWED: {
    status: 403,
    title: 'Not at this level',
    help: 'See `levels` of the setting in `GET /config/schema`.',
  },
  CONFIG_LOCKED: {
    status: 409,
    title: 'Locked above',
    help: 'A level above decided this for everybody below; `explain=true` shows which.',
  },
  CONFIG_NOT_REVERSIBLE: {
    status: 409,
    title: 'Cannot be taken back',
    help: 'Of secrets only a fingerprint is kept: set the earlier one again.',
  },
  CHANGE_SET_DONE: {
    status: 409,
    title: 'Not in this state',
    help: 'Drafts and scheduled sets can be changed, applied ones rolled back.',
  },
  BELOW_FLOOR: { status: 422, title: 'Weaker than the platform', help: 'Choose a value at least as strict.' },
  SELF_LOCKOUT: {
    status: 422,
    title: 'Would lock you out',
    help: 'Add the address that you are calling from, then set it again.',
  },
});

export const configurationPermissions = permissions({
  'config.read': {
    description: 'See settings and their history',
    grants: { platform_admin: 'org', manager: 'subtree', staff: 'own', hr: 'own', auditor: 'org' },
  },
  'config.read-environment': {
    description: 'See the variables that the hub was started with, secrets masked',
    isHubWide: true,
    grants: { platform_admin: 'org' },
  },
  'config.write-platform': {
    description: 'Set what holds for every organisation',
    isHubWide: true,
    grants: { platform_admin: 'org' },
  },
  'config.write-organisation': { description: 'Set what holds for the organisation', grants: {} },
  'config.write-branch': { description: 'Set what holds for a branch', grants: { manager: 'subtree' } },
  'config.write-user': {
    description: 'Set one’s own preferences',
    grants: {
      platform_admin: 'own',
      hr: 'own',
      finance: 'own',
      manager: 'own',
      sales: 'own',
      warehouse: 'own',
      staff: 'own',
      reseller: 'own',
      client: 'own',
      auditor: 'own',
    },
  },
});
