import { useEffect, useState } from 'react';
import { hub } from '../../app/hub';
import { describeProblem } from '../../app/problem';
import { useSession } from '../../app/session';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { toast } from '../../ui/toast';
import { AskForLink } from './ask-for-link';
import { Entrance } from './entrance';
import { leaveLink, type LinkRoute } from './link-route';
import { SignUpSteps } from './sign-up';
import { useForm } from './use-form';

const PASSWORD_HINT = 'At least ten characters; a sentence that you can remember is best.';
const weak = { PASSWORD_WEAK: 'password' };

/** The pages that mailed links lead to. */
export function LinkPage({ page, token }: LinkRoute) {
  if (page === 'sign-up') return <SignUpSteps token={token} />;
  if (page === 'forgot-password' || token === null) return <ForgotPassword />;
  if (page === 'reset-password') return <ResetPassword token={token} />;
  if (page === 'accept-invite') return <AcceptInvite token={token} />;
  return <Confirmed page={page} token={token} />;
}

function ForgotPassword() {
  return (
    <AskForLink
      title="A new password"
      autoComplete="username"
      back="Back to sign in"
      send={(email) => hub.account.forgotPassword({ email })}
      sent={(email) => `If somebody here has the address ${email}, a link to set a new password is on its way to it.`}
    />
  );
}

function ResetPassword({ token }: { token: string }) {
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [needsCode, setNeedsCode] = useState(false);
  const { errors, isBusy, submit } = useForm(
    async () => {
      await hub.account.resetPassword({ token, newPassword: password, ...(needsCode && { code }) });
      toast({ title: 'Your password is set', detail: 'All of your sessions ended. Sign in with the new one.' });
      leaveLink();
    },
    { ...weak, MFA_REQUIRED: 'code', MFA_INVALID: 'code' },
  );
  useEffect(() => {
    if (errors['code'] !== undefined) setNeedsCode(true);
  }, [errors]);
  return (
    <Entrance title="Set a new password">
      <form className="sign-in-form" onSubmit={submit} noValidate>
        <TextField
          label="New password"
          type="password"
          autoComplete="new-password"
          autoFocus
          hint={PASSWORD_HINT}
          value={password}
          error={errors['password'] ?? errors['newPassword']}
          onChange={(event) => setPassword(event.target.value)}
        />
        {needsCode && (
          <TextField
            label="Code of your authenticator"
            autoComplete="one-time-code"
            value={code}
            error={errors['code']}
            onChange={(event) => setCode(event.target.value)}
          />
        )}
        <Button type="submit" kind="primary" busy={isBusy}>
          Set the password
        </Button>
      </form>
    </Entrance>
  );
}

function AcceptInvite({ token }: { token: string }) {
  const { enter } = useSession();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const { errors, isBusy, submit } = useForm(async () => {
    const answer = await hub.auth.acceptInvite({ token, password, ...(name.trim() !== '' && { name }) });
    leaveLink();
    if (answer.status === 'signed-in') await enter();
  }, weak);
  return (
    <Entrance title="Welcome to the hub">
      <form className="sign-in-form" onSubmit={submit} noValidate>
        <TextField
          label="Your name"
          autoComplete="name"
          hint="Leave it empty to keep the one in the invitation."
          value={name}
          error={errors['name']}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label="Password"
          type="password"
          autoComplete="new-password"
          hint={PASSWORD_HINT}
          value={password}
          error={errors['password']}
          onChange={(event) => setPassword(event.target.value)}
        />
        <Button type="submit" kind="primary" busy={isBusy}>
          Join
        </Button>
      </form>
    </Entrance>
  );
}

/** Links that need nothing but being followed. A button, since mail programs open links to look at them. */
function Confirmed({ page, token }: { page: 'verify-email' | 'unlock'; token: string }) {
  const [outcome, setOutcome] = useState<string | null>(null);
  const { isBusy, submit } = useForm(async () => {
    try {
      if (page === 'unlock') await hub.account.unlock({ token });
      else await hub.account.verifyEmail({ token });
      setOutcome(page === 'unlock' ? 'You can sign in with your password again.' : 'This address is yours. Thank you.');
    } catch (error) {
      setOutcome(describeProblem(error).detail);
    }
  });
  return (
    <Entrance title={page === 'unlock' ? 'Open sign-in again' : 'Confirm your address'}>
      <form className="sign-in-form" onSubmit={submit}>
        {outcome !== null && <p role="status">{outcome}</p>}
        {outcome === null && (
          <Button type="submit" kind="primary" busy={isBusy}>
            {page === 'unlock' ? 'Open it' : 'Confirm'}
          </Button>
        )}
        {outcome !== null && <Button onClick={leaveLink}>Go on</Button>}
      </form>
    </Entrance>
  );
}
