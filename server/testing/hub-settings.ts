import { configurationApi } from '@loro/contracts/configuration';
import type { TestHub } from './test-hub';

const ifMatch = (version: number) => ({ headers: { 'if-match': `"${version}"` } });

/**
 * Sets something for the whole hub, as its operator. Test files share a database, so each takes its own away again.
 * @returns what takes it away
 */
export async function setForTheHub(
  hub: TestHub,
  key: string,
  value: unknown,
  isLocked = false,
): Promise<() => Promise<void>> {
  const api = hub.api(configurationApi, await hub.person({ role: 'platform_admin' }));
  const { data } = await api.effective({ keys: key, explain: 'true' });
  const version = data[0]?.chain?.find(({ level }) => level === 'platform')?.version ?? 0;
  const now = await api.setForPlatform({ ownerId: 'hub', key, value, isLocked }, ifMatch(version));
  return async () => {
    await api.clearForPlatform({ ownerId: 'hub', key }, ifMatch(now.version));
  };
}
