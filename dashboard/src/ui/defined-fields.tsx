import { SelectField, TextField } from './field';

/** A field of a form that is told what it asks for. */
export interface FieldDefinition {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'number' | 'url' | 'email' | 'date' | 'password';
  readonly hint?: string;
  /** A choice of these; the value first, in words second. */
  readonly choices?: readonly (readonly [value: string, title: string])[];
}

interface DefinedFieldsProps {
  fields: readonly FieldDefinition[];
  values: Readonly<Record<string, string>>;
  errors: Partial<Record<string, string>>;
  onChange: (name: string, value: string) => void;
}

/** Fields one below the other, as a table says them. */
export function DefinedFields({ fields, values, errors, onChange }: DefinedFieldsProps) {
  return fields.map(({ name, label, type = 'text', hint, choices }) => {
    const shared = {
      label,
      value: values[name] ?? '',
      error: errors[name],
      onChange: ({ target }: { target: { value: string } }) => onChange(name, target.value),
    };
    if (!choices) {
      const isSecret = type === 'password';
      return (
        <TextField key={name} {...shared} type={type} hint={hint} autoComplete={isSecret ? 'new-password' : 'off'} />
      );
    }
    return (
      <SelectField key={name} {...shared}>
        {choices.map(([value, title]) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </SelectField>
    );
  });
}
