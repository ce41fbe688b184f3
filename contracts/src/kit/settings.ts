import type { z } from 'zod';

/** Where a setting may be set; a later level wins unless an earlier one is locked. */
export const settingLevels = ['platform', 'organisation', 'branch', 'user'] as const;
export type SettingLevel = (typeof settingLevels)[number];

export interface SettingDefinition<S extends z.ZodType = z.ZodType> {
  readonly schema: S;
  readonly preset: z.output<S>;
  readonly levels: readonly SettingLevel[];
  readonly description: string;
  /** Kept sealed, shown by its last four characters only, and never part of an event. */
  readonly isSecret?: true;
  /** Concerns security: changing it needs a fresh sign-in and is a security event of the journal. */
  readonly isSensitive?: true;
  /** Whether a value of an organisation is as strict as the platform's; a weaker one is refused with `BELOW_FLOOR`. */
  isAtLeast?(value: z.output<S>, floor: z.output<S>): boolean;
}

/** Declares a setting, named `area.name`. @example 'attendance.grace-minutes': setting(z.int().min(0), { preset: 5, … }) */
export const setting = <S extends z.ZodType>(
  schema: S,
  options: Omit<SettingDefinition<S>, 'schema'>,
): SettingDefinition<S> => ({ schema, ...options });
