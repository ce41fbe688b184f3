import type { AuthPorts } from '../auth/ports';
import { Forbidden } from '../errors';

interface Call {
  /** As the browser says it; undefined or empty for everybody else. */
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
}

/** Whether a call comes from a page of ours, of a host that the operator lists, or from no page at all. */
export function isOurs(listed: readonly string[], { origin, host }: Call): boolean {
  if (origin === undefined || origin === '' || listed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** @throws Forbidden for a page that the organisation does not let in, though another one may */
export async function mustWelcome(
  ports: Pick<AuthPorts, 'allowsOrigin'>,
  origin: string,
  orgId: string,
): Promise<void> {
  if (await ports.allowsOrigin(origin, orgId)) return;
  throw new Forbidden('ORIGIN_NOT_ALLOWED', 'Pages of this origin may not call for your organisation.');
}
