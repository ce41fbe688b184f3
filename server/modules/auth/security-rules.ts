import type { Hub } from '../../platform';
import { configuration } from '../configuration';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How long sessions live: unused, and altogether. */
interface Lives {
  readonly idleMs: number;
  readonly absoluteMs: number;
}

/** What an organisation decides about signing in. */
export class SecurityRules {
  constructor(private readonly hub: Hub) {}

  async livesOf(orgId: string, kind: 'web' | 'mobile'): Promise<Lives> {
    const settings = this.hub.use(configuration);
    const idleMs = (await settings.value('security.session-idle-days', { orgId })) * DAY_MS;
    const absoluteMs = (await settings.value('security.session-absolute-days', { orgId })) * DAY_MS;
    if (kind === 'mobile') return { idleMs, absoluteMs };
    const idleOfWebMs = (await settings.value('security.web-session-idle-hours', { orgId })) * HOUR_MS;
    const absoluteOfWebMs = (await settings.value('security.web-session-days', { orgId })) * DAY_MS;
    return { idleMs: Math.min(idleMs, idleOfWebMs), absoluteMs: Math.min(absoluteMs, absoluteOfWebMs) };
  }

  mfaRoles(orgId: string): Promise<readonly string[]> {
    return this.hub.use(configuration).value('security.mfa-required-roles', { orgId });
  }

  isTotpStrict(orgId: string): Promise<boolean> {
    return this.hub.use(configuration).value('security.strict-totp', { orgId });
  }

  passwordLength(orgId: string): Promise<number> {
    return this.hub.use(configuration).value('security.password-min-length', { orgId });
  }

  /** Where new passwords are looked for among stolen ones; nowhere unless the organisation wants it. */
  async breachedPasswordsAt(orgId: string): Promise<string | undefined> {
    const settings = this.hub.use(configuration);
    if (!(await settings.value('security.check-breached-passwords', { orgId }))) return undefined;
    return settings.value('security.breached-passwords-url', { orgId });
  }

  apiKeyDays(orgId: string): Promise<number> {
    return this.hub.use(configuration).value('security.api-key-max-days', { orgId });
  }
}
