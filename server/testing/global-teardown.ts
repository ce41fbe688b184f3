import type { Shared } from './global-setup';

export default async function globalTeardown(): Promise<void> {
  await (globalThis as Shared).engines?.stop();
}
