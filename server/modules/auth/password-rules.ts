import { createHash } from 'node:crypto';
import { HUB } from '@loro/contracts/configuration';
import { type Hub, HubError } from '../../platform';
import { people } from '../people';
import { type Weakness, weaknessOf } from './passwords.policy';
import type { SecurityRules } from './security-rules';

const TIMEOUT_MS = 2_000;
const PREFIX_DIGITS = 5;

const REASONS: Readonly<Record<Weakness, string>> = {
  too_short: 'is too short',
  too_long: 'is longer than 128 characters',
  common: 'is made of what everybody tries first',
  personal: 'holds the address, the organisation or Loro Hub',
  breached: 'was found among passwords that were stolen elsewhere',
  unchanged: 'is the password that does not count any more',
};

/** Whose password, and of which organisation where there is one already. */
interface Owner {
  readonly email: string;
  readonly orgId?: string | undefined;
  /** Of an organisation that is only being founded. */
  readonly organisation?: string | undefined;
}

/** What a new password must be like. */
export class PasswordRules {
  constructor(
    private readonly hub: Hub,
    private readonly rules: SecurityRules,
  ) {}

  /** @param path the field of the input that holds it @throws HubError PASSWORD_WEAK */
  async mustBeGood(password: string, { email, orgId, organisation }: Owner, path: string): Promise<void> {
    const minLength = await this.rules.passwordLength(orgId ?? HUB);
    const home = orgId === undefined ? undefined : await this.hub.use(people).organisationOf(orgId);
    const names = [organisation, home?.name, home?.slug].filter((name) => name !== undefined);
    const weakness = weaknessOf(password, { email, organisation: names }, minLength);
    if (weakness) throw weak(weakness, path, minLength);
    if (await this.isBreached(password, orgId ?? HUB)) throw weak('breached', path, minLength);
  }

  /**
   * Asks by the first five digits of a hash, of which hundreds of passwords share each: whoever answers does not learn
   * the password. No answer is no reason to refuse it.
   */
  private async isBreached(password: string, orgId: string): Promise<boolean> {
    const address = await this.rules.breachedPasswordsAt(orgId);
    if (address === undefined) return false;
    const digest = createHash('sha1').update(password.normalize('NFKC')).digest('hex').toUpperCase();
    try {
      const { status, text } = await this.hub.outgoing.text(`${address}${digest.slice(0, PREFIX_DIGITS)}`, {
        // The answer is filled up to a usual length, so that not even that tells anything.
        headers: { 'add-padding': 'true' },
        timeoutMs: TIMEOUT_MS,
      });
      if (status !== 200) throw new Error(`answered ${status}`);
      return text.split(/\r?\n/).some((line) => {
        const [rest, count] = line.split(':');
        return rest?.toUpperCase() === digest.slice(PREFIX_DIGITS) && Number(count) > 0;
      });
    } catch (error) {
      this.hub.log.warn({ err: error }, 'stolen passwords could not be asked for, a password was taken unasked');
      return false;
    }
  }
}

export function weak(weakness: Weakness, path: string, minLength?: number): HubError {
  const message =
    weakness === 'too_short' && minLength !== undefined ? `is shorter than ${minLength} characters` : REASONS[weakness];
  return new HubError('PASSWORD_WEAK', `The password ${message}.`, { errors: [{ path, code: weakness, message }] });
}
