import { type FormEvent, useState } from 'react';
import { Button } from '../ui/button';
import { TextField } from '../ui/field';

interface AskReasonProps {
  /** What will be noted and shown to the person. */
  what: string;
  onReason: (reason: string) => void;
}

/** Where the organisation asks for it: why somebody looks. */
export function AskReason({ what, onReason }: AskReasonProps) {
  const [reason, setReason] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim() !== '') onReason(reason.trim());
  };
  return (
    <form className="stack ask-reason" onSubmit={submit}>
      <TextField
        label={`Why do you look at ${what}?`}
        hint="It is kept, and the person can read it."
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <div className="actions">
        <Button type="submit" kind="primary" disabled={reason.trim() === ''}>
          Look
        </Button>
      </div>
    </form>
  );
}
