import { type FormEvent, useEffect, useRef, useState } from 'react';
import { LoroError } from '@loro/client';
import { hub } from '../../app/hub';
import { fieldErrorsOf, toastProblem } from '../../app/problem';
import { useSession } from '../../app/session';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { DemoPeople } from './demo-people';
import { Entrance } from './entrance';
import { OrganisationChoice } from './organisation-choice';
import { SecondStep } from './second-step';

interface Organisation {
  slug: string;
  name: string;
}

interface Challenge {
  challengeId: string;
  methods: readonly string[];
}

export function SignInPage({ notice }: { notice: string | null }) {
  const { about, enter } = useSession();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [errors, setErrors] = useState<Partial<Record<string, string>>>({});
  const [choices, setChoices] = useState<readonly Organisation[]>([]);
  const [challenge, setChallenge] = useState<Challenge | null>(null);
  const [isBusy, setBusy] = useState(false);
  const isFirstStep = choices.length === 0 && challenge === null;
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
      if (answer.status === 'second-factor') return setChallenge(answer);
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

  const verify = async (code: string, trustDevice: boolean) => {
    if (!challenge) return;
    setBusy(true);
    setErrors({});
    try {
      await hub.auth.verify({ challengeId: challenge.challengeId, code, trustDevice });
      await enter();
    } catch (error) {
      if (error instanceof LoroError && error.code === 'MFA_INVALID') return setErrors({ code: error.problem.detail });
      setChallenge(null);
      toastProblem(error);
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
    <Entrance title="Sign in to the hub" notice={notice}>
      {choices.length > 0 && (
        <OrganisationChoice
          organisations={choices}
          isBusy={isBusy}
          onChoose={(slug) => void signIn({ email, password }, slug)}
          onBack={() => setChoices([])}
        />
      )}
      {challenge && (
        <SecondStep
          methods={challenge.methods}
          error={errors['code']}
          isBusy={isBusy}
          onCode={(code, trustDevice) => void verify(code, trustDevice)}
          onBack={() => setChallenge(null)}
        />
      )}
      {isFirstStep && (
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
          <div className="sign-in-links">
            <a href="#/forgot-password">Forgot the password?</a>
            <a href="#/sign-up">Sign up</a>
          </div>
        </form>
      )}
      {isFirstStep && about?.demo && (
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
    </Entrance>
  );
}

/** What belongs beside a field; null for trouble that no field can mend. */
function signInErrorsOf(error: unknown): Partial<Record<string, string>> | null {
  if (!(error instanceof LoroError)) return null;
  if (error.code === 'INVALID_CREDENTIALS') return { password: 'This e-mail and password do not belong together.' };
  const fields = fieldErrorsOf(error);
  return fields.email !== undefined || fields.password !== undefined ? fields : null;
}
