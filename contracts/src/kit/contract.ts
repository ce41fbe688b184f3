import type { ApiContract } from './api';
import type { JobContract } from './job';
import type { LiveContract } from './live';
import type { PermissionDefinition } from './permissions';
import type { ErrorDefinition } from './problem';
import type { SettingDefinition } from './settings';

/** Everything the world may know of one room. */
export interface Contract {
  readonly name: string;
  readonly api?: ApiContract;
  readonly live?: LiveContract;
  readonly jobs?: readonly JobContract[];
  readonly errors?: Record<string, ErrorDefinition>;
  readonly permissions?: Record<string, PermissionDefinition>;
  /** What the room can be told to do otherwise, by name; kept by the configuration room. */
  readonly settings?: Record<string, SettingDefinition>;
}

export const contract = <const C extends Contract>(definition: C): C => definition;
