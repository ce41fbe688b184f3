import { api, command, remove } from './kit/api';
import { contract } from './kit/contract';

const secure = { permission: 'people.secure', freshSignIn: true } as const;

/** What an administrator does for the safety of other people’s accounts. Nobody sets somebody else’s password. */
export const accountSafetyApi = api('/users', {
  endSessions: remove('/:userId/sessions', { ...secure, summary: 'End all sessions of a person' }),
  resetFactors: remove('/:userId/factors', {
    ...secure,
    errors: ['OWNER_IMMUTABLE'],
    summary: 'Remove the second factors of somebody who lost them; the next sign-in asks for the password alone',
  }),
  stopRecovery: command('/:userId/factor-recovery/stop', {
    ...secure,
    summary: 'Stop the recovery of an owner’s second factor that somebody else began',
  }),
  unlock: command('/:userId/unlock', {
    ...secure,
    summary: 'Open a person’s sign-in by password again, after too many wrong ones closed it',
  }),
  forceReset: command('/:userId/force-reset', {
    ...secure,
    summary: 'End a person’s sessions, refuse the password, and mail a link for a new one',
  }),
});

export const accountSafetyContract = contract({ name: 'account-safety', api: accountSafetyApi });
