import { createLoroHub, LoroError, type LoroHub } from '@loro/client';

export interface SignInOptions {
  readonly url: string;
  readonly user: string;
  /** Not needed where the hub runs as a demo, which tells its password to everybody. */
  readonly password: string | undefined;
  readonly deviceName: string;
}

/** Signs in with a message for people where it cannot be done. */
export async function signedIn({ url, user, password, deviceName }: SignInOptions): Promise<LoroHub> {
  const hub = createLoroHub({ url, deviceName });
  const given = password ?? process.env['LORO_PASSWORD'] ?? (await hub.hub.about()).demo?.password;
  if (given === undefined) throw new Error('Give the password with --password, or in LORO_PASSWORD.');
  const answer = await hub.auth.signIn({ email: user, password: given });
  if (answer.status === 'signed-in') return hub;
  if (answer.status !== 'choose-organisation')
    throw new Error('This account has a second factor: sign in with another.');
  // One address in several organisations: an example keeps to the first.
  const organisation = answer.organisations[0]?.slug ?? '';
  await hub.auth.signIn({ email: user, password: given, organisation });
  return hub;
}

/** An error as one line, with every path that the hub refused. */
export function inWords(error: unknown): string {
  if (!(error instanceof LoroError)) return error instanceof Error ? error.message : String(error);
  const paths = error.errors.map(({ path, message }) => `; ${path} ${message}`).join('');
  return `${error.message} (${error.code}${paths})`;
}
