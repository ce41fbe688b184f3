import { Field, SelectField, TextField } from '../../ui/field';
import { type Control } from './values';

interface SettingControlProps {
  control: Control;
  isSecret: boolean;
  draft: string;
  error: string | undefined;
  onChange: (draft: string) => void;
}

/** The right control for the type of a setting. */
export function SettingControl({ control, isSecret, draft, error, onChange }: SettingControlProps) {
  const shared = { label: 'Value', error, value: draft };
  switch (control.kind) {
    case 'yes-no':
      return (
        <SelectField {...shared} onChange={(event) => onChange(event.target.value)}>
          <option value="true">Yes</option>
          <option value="false">No</option>
        </SelectField>
      );
    case 'choice':
      return (
        <SelectField {...shared} onChange={(event) => onChange(event.target.value)}>
          {control.choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </SelectField>
      );
    case 'number':
      return (
        <TextField
          {...shared}
          type="number"
          inputMode={control.isWhole ? 'numeric' : 'decimal'}
          step={control.isWhole ? 1 : 'any'}
          min={control.min}
          max={control.max}
          hint={rangeOf(control)}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case 'list':
    case 'json':
      return (
        <Field label="Value" error={error} hint={control.kind === 'list' ? 'One on each line.' : 'As JSON.'}>
          {(field) => (
            <textarea
              {...field}
              className="input setting-text"
              rows={5}
              value={draft}
              spellCheck={false}
              onChange={(event) => onChange(event.target.value)}
            />
          )}
        </Field>
      );
    default:
      return (
        <TextField
          {...shared}
          type={isSecret ? 'password' : 'text'}
          autoComplete={isSecret ? 'new-password' : 'off'}
          onChange={(event) => onChange(event.target.value)}
        />
      );
  }
}

function rangeOf({ min, max }: { min: number | undefined; max: number | undefined }): string | undefined {
  if (min !== undefined && max !== undefined) return `From ${min} to ${max}.`;
  if (min !== undefined) return `${min} or more.`;
  return max === undefined ? undefined : `${max} or less.`;
}
