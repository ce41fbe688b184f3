import { useState } from 'react';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { Entrance } from './entrance';
import { leaveLink } from './link-route';
import { useForm } from './use-form';

interface AskForLinkProps {
  title: string;
  /** What a browser may fill in. */
  autoComplete: 'email' | 'username';
  back: string;
  send: (email: string) => Promise<unknown>;
  /** What is said once it was asked for. */
  sent: (email: string) => string;
}

/** An address, to which a link to go on with is mailed. */
export function AskForLink({ title, autoComplete, back, send, sent }: AskForLinkProps) {
  const [email, setEmail] = useState('');
  const [isSent, setSent] = useState(false);
  const { errors, isBusy, submit } = useForm(async () => {
    await send(email);
    setSent(true);
  });
  if (isSent) {
    return (
      <Entrance title="Look into your mail">
        <p>{sent(email)}</p>
        <Button onClick={leaveLink}>Back to sign in</Button>
      </Entrance>
    );
  }
  return (
    <Entrance title={title}>
      <form className="sign-in-form" onSubmit={submit} noValidate>
        <TextField
          label="E-mail"
          type="email"
          autoComplete={autoComplete}
          autoFocus
          value={email}
          error={errors['email']}
          onChange={(event) => setEmail(event.target.value)}
        />
        <Button type="submit" kind="primary" busy={isBusy}>
          Send me a link
        </Button>
        <Button kind="quiet" onClick={leaveLink}>
          {back}
        </Button>
      </form>
    </Entrance>
  );
}
