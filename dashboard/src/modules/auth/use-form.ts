import { type FormEvent, useState } from 'react';
import { LoroError } from '@loro/client';
import { fieldErrorsOf, toastProblem } from '../../app/problem';

export type FieldErrors = Partial<Record<string, string>>;

interface Form {
  readonly errors: FieldErrors;
  readonly isBusy: boolean;
  /** Also without an event, where no form sends it. */
  readonly submit: (event?: FormEvent) => void;
}

/**
 * A form that sends itself once at a time. What the hub refuses stands beside its field; `byCode` says beside which one
 * an error without fields belongs.
 */
export function useForm(send: () => Promise<void>, byCode: Readonly<Record<string, string>> = {}): Form {
  const [errors, setErrors] = useState<FieldErrors>({});
  const [isBusy, setBusy] = useState(false);

  const run = async () => {
    setBusy(true);
    setErrors({});
    try {
      await send();
    } catch (error) {
      const field = error instanceof LoroError ? byCode[error.code] : undefined;
      const fields =
        field === undefined
          ? fieldErrorsOf(error)
          : { [field]: error instanceof LoroError ? error.problem.detail : '' };
      setErrors(fields);
      if (Object.keys(fields).length === 0) toastProblem(error);
    } finally {
      setBusy(false);
    }
  };

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (!isBusy) void run();
  };
  return { errors, isBusy, submit };
}
