import { type FormEvent, useEffect, useRef, useState } from 'react';
import { LoroError } from '@loro/client';
import { hub } from '../../app/hub';
import { fieldErrorsOf, toastProblem } from '../../app/problem';
import { useSession } from '../../app/session';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { Icon, Logo } from '../../ui/icons';
import { DemoPeople } from './demo-people';
import { OrganisationChoice } from './organisation-choice';
import './sign-in.css';

interface Organisation {
  slug: string;
  name: string;
}

export function SignInPage({ notice }: { notice: string | null }) {
  const { about, enter } = useSession();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [errors, setErrors] = useState<Partial<Record<string, string>>>({});
  const [choices, setChoices] = useState<readonly Organisation[]>([]);
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    document.title = 'Sign in · Loro Hub';
  }, []);

  useEffect(() => {
    // To the first field that was refused, where the person goes on.
    form.current?.querySelector<HTMLInputElement>('[aria-invalid="true"]')?.focus();
  }, [errors]);

  const signIn = async (credentials: { email: string; password: string }, organisation?: string) => {
    setBusy(true);
    setErrors({});
    try {
      const answer = await hub.auth.signIn({ ...credentials, ...(organisation !== undefined && { organisation }) });
      if (answer.status === 'choose-organisation') return setChoices(answer.organisations);
      await enter();
    } catch (error) {
      setChoices([]);
      const refused = signInErrorsOf(error);
      if (refused) setErrors(refused);
      if (!refused) toastProblem(error);
    } finally {
      setBusy(false);
    }
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    const missing = {
      ...(email.trim() === '' && { email: 'Enter your e-mail address.' }),
      ...(password === '' && { password: 'Enter your password.' }),
    };
    if (Object.keys(missing).length > 0) return setErrors(missing);
    void signIn({ email, password });
  };

  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <div className="sign-in-brand">
          <Logo size={40} />
          <h1>Sign in to {about?.name ?? 'Loro Hub'}</h1>
        </div>
        {notice !== null && (
          <p className="sign-in-notice" role="status">
            <Icon name="alert" size={18} />
            {notice}
          </p>
        )}
        {choices.length > 0 && (
          <OrganisationChoice
            organisations={choices}
            isBusy={isBusy}
            onChoose={(slug) => void signIn({ email, password }, slug)}
            onBack={() => setChoices([])}
          />
        )}
        {choices.length === 0 && (
          <form className="sign-in-form" onSubmit={submit} noValidate ref={form}>
            <TextField
              label="E-mail"
              type="email"
              name="email"
              autoComplete="username"
              value={email}
              error={errors.email}
              onChange={(event) => setEmail(event.target.value)}
            />
            <TextField
              label="Password"
              type="password"
              name="password"
              autoComplete="current-password"
              value={password}
              error={errors.password}
              onChange={(event) => setPassword(event.target.value)}
            />
            <Button type="submit" kind="primary" busy={isBusy}>
              Sign in
            </Button>
          </form>
        )}
        {choices.length === 0 && about?.demo && (
          <DemoPeople
            {...about.demo}
            picked={email}
            isBusy={isBusy}
            onPick={(credentials) => {
              setEmail(credentials.email);
              setPassword(credentials.password);
              void signIn(credentials);
            }}
          />
        )}
      </div>
    </main>
  );
}

/** What belongs beside a field; null for trouble that no field can mend. */
function signInErrorsOf(error: unknown): Partial<Record<string, string>> | null {
  if (!(error instanceof LoroError)) return null;
  if (error.code === 'INVALID_CREDENTIALS') return { password: 'This e-mail and password do not belong together.' };
  const fields = fieldErrorsOf(error);
  return fields.email !== undefined || fields.password !== undefined ? fields : null;
}
