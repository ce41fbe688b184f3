/** What a mail says; one thought a paragraph. */
export interface Letter {
  readonly subject: string;
  readonly text: string;
}

const letter = (subject: string, ...paragraphs: readonly string[]): Letter => ({
  subject,
  text: paragraphs.filter((paragraph) => paragraph !== '').join('\n\n'),
});

const NOT_YOU = 'If you did not ask for this, leave this mail alone: nothing happens.';

export const signUpLetter = (link: string, organisations: readonly string[]): Letter =>
  letter(
    'Confirm your address',
    'Somebody, hopefully you, wants to sign up for Loro Hub with this address. Open this link within 24 hours to go on:',
    link,
    organisations.length === 0
      ? ''
      : `This address has an account already, at ${organisations.join(', ')}. To go on there, just sign in; this link begins another organisation.`,
    NOT_YOU,
  );

export const verifyLetter = (link: string, { name, organisation }: { name: string; organisation: string }): Letter =>
  letter(
    'Confirm your address',
    `Hello ${name},`,
    `Open this link within 24 hours to show that this address is yours, and to begin at ${organisation}:`,
    link,
    NOT_YOU,
  );

export const resetLetter = (link: string, { name, organisation }: { name: string; organisation: string }): Letter =>
  letter(
    'Set a new password',
    `Hello ${name},`,
    `Somebody, hopefully you, asked for a new password at ${organisation}. Open this link within 30 minutes to set one:`,
    link,
    NOT_YOU,
  );

export const recoverFactorLetter = (
  link: string,
  { name, organisation }: { name: string; organisation: string },
): Letter =>
  letter(
    'You lost your second factor',
    `Hello ${name},`,
    `Somebody who knows your password at ${organisation}, hopefully you, says that your authenticator and your recovery codes are lost. Open this link within 24 hours to begin the recovery, which takes three days:`,
    link,
    NOT_YOU,
    'But then somebody knows your password: change it.',
  );

export const recoveryBegunLetter = ({ name, organisation }: { name: string; organisation: string }): Letter =>
  letter(
    `The owner of ${organisation} recovers a second factor`,
    `${name}, who owns ${organisation}, or somebody in that name, says that the second factor was lost. In three days it can be removed.`,
    'Ask in person. If it is somebody else, stop it: the page of the person has a way.',
  );

export const forcedResetLetter = (
  link: string,
  { name, organisation, again }: { name: string; organisation: string; again: string },
): Letter =>
  letter(
    'Set a new password',
    `Hello ${name},`,
    `An administrator of ${organisation} had a reason to end your sessions, and your password does not count any more. Open this link within 30 minutes to set another one:`,
    link,
    `Later, ask for a new link here: ${again}`,
  );

export const inviteLetter = (
  link: string,
  { name, organisation, by }: { name: string; organisation: string; by: string | undefined },
): Letter =>
  letter(
    `You are invited to ${organisation}`,
    `Hello ${name},`,
    `${by ?? 'Somebody'} invites you to work with ${organisation} on Loro Hub. Open this link within 7 days to set a password and begin:`,
    link,
    'If you do not know what this is about, leave this mail alone: nothing happens.',
  );

export const unlockLetter = (
  link: string,
  { name, organisation, again }: { name: string; organisation: string; again: string },
): Letter =>
  letter(
    'Sign-in by password is closed',
    `Hello ${name},`,
    `A hundred wrong passwords were given for your account at ${organisation} within a day, so it does not open by password any more. Devices that you trust still work. Open this link within 7 days to sign in by password again:`,
    link,
    `If you did not forget your password, somebody is guessing it. It is safe as long as it is long and used nowhere else; you can set a new one here: ${again}`,
  );

/** Why a right password opened nothing, for its owner's eyes alone: whoever typed it was told that it is wrong. */
export const refusals = {
  suspended: 'your account is suspended. Ask an administrator of your organisation.',
  deactivated: 'your account was deactivated. Ask an administrator of your organisation.',
  invited: 'your invitation was not accepted yet. Open the link in the mail that invited you, or ask for another one.',
  'pending-verification': 'your address is not confirmed yet. Open the link in the mail that was sent to you.',
  'organisation-closed': 'your organisation is closed.',
  'organisation-suspended': 'your organisation is suspended. Ask whoever owns it.',
  elsewhere: 'your organisation lets people in from some places alone, and this one is not among them.',
  locked:
    'it is closed to passwords, because too many wrong ones were given. Open the link in the mail that told you so.',
  'must-change': 'an administrator asked for a new password.',
} as const;

export type Refusal = keyof typeof refusals;

export const refusedLetter = (
  refusal: Refusal,
  { name, organisation, again }: { name: string; organisation: string; again: string },
): Letter =>
  letter(
    'You could not sign in',
    `Hello ${name},`,
    `Somebody gave the right password of your account at ${organisation}, and was not let in: ${refusals[refusal]}`,
    refusal === 'must-change' ? `Set a new one here: ${again}` : '',
    'If that was not you, somebody knows your password: tell an administrator.',
  );

export const changeEmailLetter = (link: string, name: string): Letter =>
  letter(
    'Confirm your new address',
    `Hello ${name},`,
    'Open this link within 24 hours to sign in with this address from then on:',
    link,
    NOT_YOU,
  );

export const emailWillChangeLetter = (name: string, email: string): Letter =>
  letter(
    'Your address is about to change',
    `Hello ${name},`,
    `Somebody who is signed in to your account asked to change its address to ${email}. It changes once that address is confirmed.`,
    'If that was not you, change your password now and end the sessions that you do not know.',
  );
