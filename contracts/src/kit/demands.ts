import type { Feature } from './features';

/** What a token may be narrowed to: paying, enrolling a second factor, handing in offline work. */
export const restrictions = ['billing', 'enrolment', 'offline-upload'] as const;
export type Restriction = (typeof restrictions)[number];

/** What a route or a call asks for beside its permission; the one evaluator answers it before the verb runs. */
export interface Demands {
  /** The plan must hold it: 403 `FEATURE_NOT_LICENSED`. */
  readonly feature?: Feature;
  /** The flag must be on: 403 `FEATURE_DISABLED`. */
  readonly flag?: string;
  /**
   * `any`: works with a licence that lapsed too, as billing and sign-out do; `export`: for thirty days after it lapsed;
   * otherwise 402.
   */
  readonly license?: 'any' | 'export';
  /** The caller proved who it is within the last five minutes: 401 `REAUTH_REQUIRED`. */
  readonly freshSignIn?: true;
  /** An API key may call it; every other row is for people. */
  readonly apiKey?: true;
  /** Narrowed tokens that open it as well. One for billing opens every row that works with a lapsed licence. */
  readonly only?: readonly Restriction[];
}

const names = [
  'feature',
  'flag',
  'license',
  'freshSignIn',
  'apiKey',
  'only',
] as const satisfies readonly (keyof Demands)[];

/** The demands among the options of a row. */
export const demandsOf = (options: Demands): Demands =>
  Object.fromEntries(names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])));
