import type { EffectiveValue, SettingInfo } from '@loro/contracts/configuration-values';

type Schema = SettingInfo['schema'];

/** What a value is edited with, by its JSON Schema. */
export type Control =
  | { kind: 'yes-no' }
  | { kind: 'choice'; choices: readonly string[] }
  | { kind: 'number'; min: number | undefined; max: number | undefined; isWhole: boolean }
  | { kind: 'list' }
  | { kind: 'text' }
  | { kind: 'json' };

export function controlOf({ type, enum: choices, items, minimum, maximum }: Schema): Control {
  if (Array.isArray(choices) && choices.every((one) => typeof one === 'string')) return { kind: 'choice', choices };
  if (type === 'boolean') return { kind: 'yes-no' };
  if (type === 'integer' || type === 'number') {
    return { kind: 'number', min: numberIn(minimum), max: numberIn(maximum), isWhole: type === 'integer' };
  }
  if (type === 'array' && typeof items === 'object' && items !== null && 'type' in items && items.type === 'string') {
    return { kind: 'list' };
  }
  return type === 'string' ? { kind: 'text' } : { kind: 'json' };
}

const numberIn = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** A value as its control holds it. */
export function draftOf(control: Control, value: unknown): string {
  if (value === undefined) return '';
  if (control.kind === 'list' && Array.isArray(value)) return value.join('\n');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What the control holds as a value; what is no JSON is sent as it is, and the hub says what is wrong with it. */
export function valueOf({ kind }: Control, draft: string): unknown {
  if (kind === 'text' || kind === 'choice') return draft;
  if (kind === 'yes-no') return draft === 'true';
  if (kind === 'number') return draft.trim() === '' ? null : Number(draft);
  if (kind === 'list') {
    return draft
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
  }
  try {
    return JSON.parse(draft);
  } catch {
    return draft;
  }
}

/** A value in words. */
export function valueText(value: unknown, last4: string | null = null): string {
  if (last4 !== null) return `•••• ${last4}`;
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map((one) => valueText(one)).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `security.password-min-length` is called "Password min length" below "Security". */
export const areaOf = (key: string): string => words(key.split('.')[0] ?? '');
export const nameOf = (key: string): string => words(key.split('.').slice(1).join(' '));

const shortened = /\b(api|ip|mfa|totp|url)\b/g;

function words(name: string): string {
  const text = name.replaceAll('-', ' ').replaceAll(shortened, (word) => word.toUpperCase());
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const sourceTitles: Readonly<Record<EffectiveValue['source'], string>> = {
  default: 'as shipped',
  environment: 'start of the hub',
  platform: 'whole hub',
  organisation: 'organisation',
  branch: 'branch',
  user: 'person',
};
