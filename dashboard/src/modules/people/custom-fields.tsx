import type { CustomField } from '@loro/contracts/people-values';
import { DefinedFields, type FieldDefinition } from '../../ui/defined-fields';
import type { FieldErrors } from '../auth/use-form';

interface CustomFieldsProps {
  fields: readonly CustomField[];
  values: Readonly<Record<string, string>>;
  errors: FieldErrors;
  onChange: (name: string, value: string) => void;
}

/** The fields that the organisation made up for its people. */
export function CustomFields({ fields, ...rest }: CustomFieldsProps) {
  return <DefinedFields fields={fields.map(definitionOf)} {...rest} />;
}

function definitionOf({ name, label, type, choices }: CustomField): FieldDefinition {
  const nothing = ['', 'Not said'] as const;
  if (type === 'choice') return { name, label, choices: [nothing, ...choices.map((one) => [one, one] as const)] };
  if (type === 'boolean') return { name, label, choices: [nothing, ['true', 'Yes'], ['false', 'No']] };
  return { name, label, type };
}
