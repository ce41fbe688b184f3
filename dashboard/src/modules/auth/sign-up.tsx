import type { VerifiedSignUp } from '@loro/contracts/auth-flows';
import { useState } from 'react';
import type { z } from 'zod';
import { hub } from '../../app/hub';
import { useSession } from '../../app/session';
import { Button } from '../../ui/button';
import { Field, TextField } from '../../ui/field';
import { AskForLink } from './ask-for-link';
import { Entrance } from './entrance';
import { leaveLink } from './link-route';
import { useForm } from './use-form';

type Verified = z.output<typeof VerifiedSignUp>;

/** Signing up: an address, then the link that was mailed to it, then a password and an organisation. */
export function SignUpSteps({ token }: { token: string | null }) {
  const [verified, setVerified] = useState<Verified | null>(null);
  if (token === null) {
    return (
      <AskForLink
        title="Begin with the hub"
        autoComplete="email"
        back="I have an account"
        send={(email) => hub.account.signUp({ email })}
        sent={(email) => `A link to go on with is on its way to ${email}.`}
      />
    );
  }
  if (!verified) return <FollowLink token={token} onVerified={setVerified} />;
  return <SetUp verified={verified} />;
}

function FollowLink({ token, onVerified }: { token: string; onVerified: (verified: Verified) => void }) {
  const { errors, isBusy, submit } = useForm(async () => onVerified(await hub.account.verifySignUp({ token })), {
    TOKEN_USED_OR_EXPIRED: 'token',
  });
  return (
    <Entrance title="Your address" notice={errors['token'] ?? null}>
      <form className="sign-in-form" onSubmit={submit}>
        <p>One click shows that the mail came to you.</p>
        <Button type="submit" kind="primary" busy={isBusy}>
          Go on
        </Button>
      </form>
    </Entrance>
  );
}

function SetUp({ verified }: { verified: Verified }) {
  const { enter } = useSession();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [organisation, setOrganisation] = useState('');
  const [join, setJoin] = useState(verified.invitations[0]?.slug ?? '');
  const { errors, isBusy, submit } = useForm(
    async () => {
      const where = join === '' ? { organisation: { name: organisation, ...here() } } : { join };
      await hub.auth.setUp({ setupToken: verified.setupToken, name, password, ...where });
      leaveLink();
      await enter();
    },
    { PASSWORD_WEAK: 'password' },
  );
  return (
    <Entrance title="Almost there">
      <form className="sign-in-form" onSubmit={submit} noValidate>
        <p className="muted small">{verified.email}</p>
        <TextField
          label="Your name"
          autoComplete="name"
          autoFocus
          value={name}
          error={errors['name']}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label="Password"
          type="password"
          autoComplete="new-password"
          hint="At least ten characters; a sentence that you can remember is best."
          value={password}
          error={errors['password']}
          onChange={(event) => setPassword(event.target.value)}
        />
        {verified.invitations.length > 0 && (
          <Field label="Organisation">
            {(control) => (
              <select className="input" {...control} value={join} onChange={(event) => setJoin(event.target.value)}>
                {verified.invitations.map(({ slug, name: title }) => (
                  <option key={slug} value={slug}>
                    {title}
                  </option>
                ))}
                <option value="">A new one of my own</option>
              </select>
            )}
          </Field>
        )}
        {join === '' && (
          <TextField
            label="Name of the organisation"
            autoComplete="organization"
            value={organisation}
            error={errors['organisation']}
            onChange={(event) => setOrganisation(event.target.value)}
          />
        )}
        <Button type="submit" kind="primary" busy={isBusy}>
          Start
        </Button>
      </form>
    </Entrance>
  );
}

/** What the browser says of where somebody is; all of it can be changed later. */
function here(): { timezone: string; country: string; locale: string } {
  const locale = new Intl.Locale(navigator.language);
  return {
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    country: locale.region ?? locale.maximize().region ?? 'US',
    locale: locale.toString(),
  };
}
