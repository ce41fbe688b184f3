import { type ComponentProps, type ReactNode, useId } from 'react';
import './field.css';
import { Icon } from './icons';

interface FieldProps {
  label: string;
  error?: string | undefined;
  hint?: string | undefined;
  /** Gets the ids that tie the control to its label and its messages. */
  children: (control: { id: string; 'aria-describedby': string | undefined; 'aria-invalid': boolean }) => ReactNode;
}

export function Field({ label, error, hint, children }: FieldProps) {
  const id = useId();
  const described = error !== undefined || hint !== undefined ? `${id}-note` : undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': described, 'aria-invalid': error !== undefined })}
      {error !== undefined && (
        <p className="field-error" id={described}>
          <Icon name="alert" size={16} />
          {error}
        </p>
      )}
      {error === undefined && hint !== undefined && (
        <p className="field-hint" id={described}>
          {hint}
        </p>
      )}
    </div>
  );
}

type TextFieldProps = ComponentProps<'input'> & {
  label: string;
  error?: string | undefined;
  hint?: string | undefined;
};

export function TextField({ label, error, hint, ...input }: TextFieldProps) {
  return (
    <Field label={label} error={error} hint={hint}>
      {(control) => <input className="input" {...input} {...control} />}
    </Field>
  );
}

type SelectFieldProps = ComponentProps<'select'> & { label: string; error?: string | undefined };

export function SelectField({ label, error, ...select }: SelectFieldProps) {
  return (
    <Field label={label} error={error}>
      {(control) => <Select {...select} {...control} />}
    </Field>
  );
}

export function Select({ className = '', ...select }: ComponentProps<'select'>) {
  return (
    <span className={`select ${className}`}>
      <select {...select} />
      <Icon name="chevron" size={16} />
    </span>
  );
}
