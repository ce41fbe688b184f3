import type { TetherOptions } from './tether';

export type EngineName = 'mariadb' | 'redis';
export const ENGINE_NAMES: readonly EngineName[] = ['mariadb', 'redis'];
export const TITLES: Readonly<Record<EngineName, string>> = { mariadb: 'MariaDB', redis: 'Redis' };

/** A progress sink: a lower-case sentence and, for a structured log, its figures. */
export type Log = (message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** How one engine is run: all that the keeper has to know of it. */
export interface Recipe {
  readonly name: EngineName;
  /** Everything of this engine, and of no other program, lies in here. */
  readonly home: string;
  /** Where its clients reach it. */
  readonly url: string;
  /** Makes the data of an empty folder; does nothing to data that is there. */
  prepare(): Promise<void>;
  launch(): TetherOptions;
  /** True once it answers on its socket. Never throws. */
  isReady(): Promise<boolean>;
}
