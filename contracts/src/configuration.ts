import { z } from 'zod';
import { act, api, create, get, list, PageQuery, patch, put, remove } from './kit/api';
import { contract } from './kit/contract';
import { job } from './kit/job';
import { event, live, stream } from './kit/live';
import { settingLevels } from './kit/settings';
import { Flag, Id, Instant } from './kit/values';
import {
  ChangeItems,
  ChangeSet,
  ChangeSetChange,
  EffectiveValue,
  EnvironmentEntry,
  NewChangeSet,
  OwnValue,
  Rollback,
  SettingChange,
  SettingInfo,
  SettingKey,
  SettingsExport,
  SetValue,
} from './configuration-values';
import { configurationErrors, configurationPermissions } from './configuration-rights';
import { FlagUsageFlush, StaleFlag } from './flag-jobs';
import { securitySettings } from './settings-security';

/** Owner of what is set for the whole hub. */
export const HUB = 'hub';

const write = {
  body: SetValue,
  returns: OwnValue,
  versioned: true,
  errors: ['CONFIG_UNKNOWN_KEY', 'CONFIG_LOCKED', 'CONFIG_LEVEL_NOT_ALLOWED', 'BELOW_FLOOR', 'SELF_LOCKOUT'],
} as const;
const erase = { versioned: true, errors: ['CONFIG_UNKNOWN_KEY', 'CONFIG_LOCKED'] } as const;
const ownerAndKey = z.object({ ownerId: Id, key: z.string().max(80) });
const hubAndKey = z.object({ ownerId: z.literal(HUB), key: z.string().max(80) });
const applied = [...write.errors, 'CHANGE_SET_DONE'] as const;

export const configurationApi = api('/config', {
  schema: list('/schema', {
    permission: 'config.read',
    query: PageQuery,
    returns: SettingInfo,
    summary: 'List every setting with its schema and the levels it may be set at',
  }),
  effective: list('/effective', {
    permission: 'config.read',
    query: PageQuery.extend({
      /** Comma-separated names; all of them without it. */
      keys: z.string().max(2_000).optional(),
      branchId: Id.optional(),
      userId: Id.optional(),
      explain: Flag.optional(),
    }),
    returns: EffectiveValue,
    errors: ['CONFIG_UNKNOWN_KEY'],
    summary: 'What holds for an organisation, a branch or a person, and why',
  }),
  history: list('/history', {
    permission: 'config.read',
    query: PageQuery.extend({
      key: SettingKey.optional(),
      level: z.enum(settingLevels).optional(),
      ownerId: Id.optional(),
    }),
    returns: SettingChange,
    summary: 'List what was changed, newest first',
  }),
  environment: list('/environment', {
    permission: 'config.read-environment',
    query: PageQuery,
    returns: EnvironmentEntry,
    summary: 'List the variables this node was started with, secrets masked',
  }),
  setForPlatform: put('/platform/:ownerId/:key', {
    ...write,
    permission: 'config.write-platform',
    params: hubAndKey,
    summary: 'Set a value for the whole hub; `ownerId` is `hub`',
  }),
  setForOrganisation: put('/organisation/:ownerId/:key', {
    ...write,
    permission: 'config.write-organisation',
    params: ownerAndKey,
    summary: 'Set a value for the organisation',
  }),
  setForBranch: put('/branch/:ownerId/:key', {
    ...write,
    permission: 'config.write-branch',
    params: ownerAndKey,
    summary: 'Set a value for a branch and those below it',
  }),
  setForUser: put('/user/:ownerId/:key', {
    ...write,
    permission: 'config.write-user',
    params: ownerAndKey,
    summary: 'Set a value for a person',
  }),
  clearForPlatform: remove('/platform/:ownerId/:key', {
    ...erase,
    permission: 'config.write-platform',
    params: hubAndKey,
    summary: 'Take away what is set for the whole hub',
  }),
  clearForOrganisation: remove('/organisation/:ownerId/:key', {
    ...erase,
    permission: 'config.write-organisation',
    params: ownerAndKey,
    summary: 'Take away what is set for the organisation',
  }),
  clearForBranch: remove('/branch/:ownerId/:key', {
    ...erase,
    permission: 'config.write-branch',
    params: ownerAndKey,
    summary: 'Take away what is set for a branch',
  }),
  clearForUser: remove('/user/:ownerId/:key', {
    ...erase,
    permission: 'config.write-user',
    params: ownerAndKey,
    summary: 'Take away what is set for a person',
  }),
  rollback: act('/rollback', {
    permission: 'config.write-organisation',
    freshSignIn: true,
    body: Rollback,
    returns: z.object({ changes: z.array(SettingChange) }),
    errors: [...write.errors, 'CONFIG_NOT_REVERSIBLE', 'CHANGE_SET_DONE'],
    summary: 'Set what was set before a change, or before a whole change set',
  }),
  changeSets: list('/change-sets', {
    permission: 'config.write-organisation',
    query: PageQuery.extend({ state: ChangeSet.shape.state.optional() }),
    returns: ChangeSet,
    summary: 'List sets of changes, newest first',
  }),
  changeSet: get('/change-sets/:changeSetId', {
    permission: 'config.write-organisation',
    returns: ChangeSet,
    summary: 'Read a set of changes',
  }),
  createChangeSet: create('/change-sets', {
    permission: 'config.write-organisation',
    freshSignIn: true,
    body: NewChangeSet,
    returns: ChangeSet,
    errors: applied,
    summary: 'Change several settings together, now or at a time: all or none',
  }),
  changeChangeSet: patch('/change-sets/:changeSetId', {
    permission: 'config.write-organisation',
    freshSignIn: true,
    body: ChangeSetChange,
    returns: ChangeSet,
    versioned: true,
    errors: applied,
    summary: 'Change a draft or a scheduled set, or when it is due',
  }),
  applyChangeSet: act('/change-sets/:changeSetId/apply', {
    permission: 'config.write-organisation',
    freshSignIn: true,
    returns: ChangeSet,
    errors: applied,
    summary: 'Apply a draft or a scheduled set now',
  }),
  removeChangeSet: remove('/change-sets/:changeSetId', {
    permission: 'config.write-organisation',
    freshSignIn: true,
    versioned: true,
    errors: ['CHANGE_SET_DONE'],
    summary: 'Drop a draft or a scheduled set',
  }),
  export: act('/export', {
    permission: 'config.write-organisation',
    freshSignIn: true,
    returns: SettingsExport,
    summary: 'Copy what is set in the organisation, without secrets',
  }),
  import: create('/import', {
    permission: 'config.write-organisation',
    freshSignIn: true,
    body: z.strictObject({ items: ChangeItems, exportedAt: Instant.optional() }),
    returns: ChangeSet,
    errors: applied,
    summary: 'Set what a copy holds, all or none',
  }),
});

const Keys = z.array(z.string());
export const configurationLive = live('/notifications', {
  streams: {
    settings: stream('log', {
      permission: 'account.use',
      summary: 'Which settings and flags changed for an organisation, a branch or a person; values are read over REST',
    }),
  },
  calls: {},
  events: {
    'config:changed': event(
      'settings',
      z.object({ keys: Keys, level: z.enum(settingLevels), ownerId: z.string() }),
      'Settings changed',
    ),
    'config:apply-failed': event(
      'settings',
      z.object({ changeSetId: Id, failure: z.string() }),
      'A scheduled set of changes could not be applied and is a draft again; told to who made it',
    ),
    'flag:changed': event('settings', z.object({ keys: Keys }), 'Flags changed: ask again what is on'),
    'flag:stale': event('settings', StaleFlag, 'A flag outlived what flags of its type are for; told to its owner'),
  },
});

export const applyScheduled = job('configuration.apply-scheduled', {
  payload: z.object({ tick: Instant }),
  summary: 'Apply the sets of changes that are due',
});
export const tellOrganisations = job('configuration.tell-organisations', {
  payload: z.object({ settings: Keys, flags: Keys, after: Id.nullable() }),
  summary: 'Tell every organisation what changed for the whole hub',
});
export const findStaleFlags = job('configuration.find-stale-flags', {
  payload: z.object({ tick: Instant }),
  summary: 'Tell owners of flags that outlived their type',
});
export const flushFlagUsage = job('configuration.flush-flag-usage', {
  payload: FlagUsageFlush,
  summary: 'Add what the processes counted to the hourly usage of flags',
});

export const configurationContract = contract({
  name: 'configuration',
  api: configurationApi,
  live: configurationLive,
  jobs: [applyScheduled, tellOrganisations, findStaleFlags, flushFlagUsage],
  settings: securitySettings,
  errors: configurationErrors,
  permissions: configurationPermissions,
});
