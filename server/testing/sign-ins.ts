import { authApi, type SignedIn } from '@loro/contracts/auth';
import { Secret, TOTP } from 'otpauth';
import type { Person, TestHub } from './test-hub';

const STEP_MS = 30_000;

/** Every sign-in of a test comes from one address; what one test used up must not stop the next. */
export async function forgetLimits({ hub }: TestHub): Promise<void> {
  const keys = await hub.redis.keys(`${hub.config.REDIS_PREFIX}:limit:*`);
  if (keys.length > 0) await hub.redis.del(keys);
}

/** What became of a call: its status and code. */
export const outcome = (promise: Promise<unknown>): Promise<{ status: number; code: string }> =>
  promise.then(
    () => ({ status: 200, code: 'let through' }),
    ({ status, code }: { status: number; code: string }) => ({ status, code }),
  );

/** An authenticator app in somebody's hand, as any other would be. */
export class Authenticator {
  private readonly totp: TOTP;

  constructor(
    private readonly hub: TestHub,
    secret: string,
  ) {
    this.totp = new TOTP({ secret: Secret.fromBase32(secret) });
  }

  code(stepsAhead = 0): string {
    return this.totp.generate({ timestamp: this.hub.clock.now().getTime() + stepsAhead * STEP_MS });
  }

  /** The code that comes next, as the clock moves on to it. */
  next(): string {
    this.hub.clock.advance(STEP_MS);
    return this.code();
  }
}

/** Gives somebody a second factor. */
export async function enrol(
  hub: TestHub,
  person: Pick<Person, 'token'>,
  name?: string,
): Promise<{ app: Authenticator; factorId: string }> {
  const api = hub.api(authApi, person);
  const { id: factorId, secret } = await api.setUpTotp(name === undefined ? {} : { name });
  const app = new Authenticator(hub, secret);
  await api.confirmTotp({ factorId, codes: [app.code(-1), app.code()] });
  return { app, factorId };
}

export const signIn = (hub: TestHub, { email, password }: Person, more: object = {}): Promise<SignedIn> =>
  hub.api(authApi).signIn({ email, password, ...more });

/** The first step of somebody with a second factor. */
export async function challengeOf(hub: TestHub, person: Person, more: object = {}): Promise<string> {
  const answer = await signIn(hub, person, more);
  if (answer.status !== 'second-factor') throw new Error(`is ${answer.status}`);
  return answer.challengeId;
}
