import type { Shared } from './global-setup';

export default async function globalTeardown(): Promise<void> {
  const { engines, catcher } = globalThis as Shared;
  await catcher?.stop();
  await engines?.stop();
}
