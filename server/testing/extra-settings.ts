import { catalog, settingRegistry } from '@loro/contracts/catalog';
import { contract, type Contract } from '@loro/contracts/kit/contract';
import { setting } from '@loro/contracts/kit/settings';
import { z } from 'zod';

/** Settings of a room that only tests have: every level, a secret, a preference. */
export const extraSettings = {
  'test.radius-m': setting(z.number().min(1).max(10_000), {
    preset: 500,
    levels: ['platform', 'organisation', 'branch', 'user'],
    description: 'A length that each level may set',
  }),
  'test.token': setting(z.string().max(200), {
    preset: '',
    levels: ['organisation'],
    isSecret: true,
    description: 'A secret of an organisation',
  }),
  'test.theme': setting(z.enum(['light', 'dark']), {
    preset: 'light',
    levels: ['user'],
    description: 'A preference of a person',
  }),
};

/** Declares them as a room's contract would; to be called before the hub of a test file starts. */
export function declareExtraSettings(): void {
  Object.assign(settingRegistry, extraSettings);
  // The catalogue is an array that nobody else changes.
  (catalog as Contract[]).push(contract({ name: 'extra-settings', settings: extraSettings }));
}
