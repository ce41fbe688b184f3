import { type FormEvent, useState } from 'react';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';

interface SecondStepProps {
  methods: readonly string[];
  error: string | undefined;
  isBusy: boolean;
  onCode: (code: string, trustDevice: boolean) => void;
  onBack: () => void;
}

/** Asks for the code of the authenticator, or for a recovery code where the phone is not at hand. */
export function SecondStep({ methods, error, isBusy, onCode, onBack }: SecondStepProps) {
  const [code, setCode] = useState('');
  const [isTrusted, setTrusted] = useState(false);
  const [isRecovery, setRecovery] = useState(!methods.includes('totp'));

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isBusy && code.trim() !== '') onCode(code, isTrusted);
  };

  return (
    <form className="sign-in-form" onSubmit={submit} noValidate aria-labelledby="second-step-title">
      <h2 id="second-step-title">One more step</h2>
      <TextField
        key={isRecovery ? 'recovery' : 'totp'}
        label={isRecovery ? 'Recovery code' : 'Code of your authenticator'}
        hint={isRecovery ? 'Each of them works once.' : 'Six digits, new every thirty seconds.'}
        name="code"
        inputMode={isRecovery ? 'text' : 'numeric'}
        autoComplete="one-time-code"
        autoFocus
        value={code}
        error={error}
        onChange={(event) => setCode(event.target.value)}
      />
      <label className="check">
        <input type="checkbox" checked={isTrusted} onChange={(event) => setTrusted(event.target.checked)} />
        Do not ask on this device for thirty days
      </label>
      <Button type="submit" kind="primary" busy={isBusy}>
        Go on
      </Button>
      <div className="sign-in-links">
        {methods.includes('recovery-code') && methods.includes('totp') && (
          <Button
            kind="quiet"
            onClick={() => {
              setCode('');
              setRecovery(!isRecovery);
            }}
          >
            {isRecovery ? 'Use the authenticator' : 'Use a recovery code'}
          </Button>
        )}
        <Button kind="quiet" onClick={onBack}>
          Back
        </Button>
      </div>
    </form>
  );
}
