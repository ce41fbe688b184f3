import type { ApiContract } from './api';
import type { JobContract } from './job';
import type { LiveContract } from './live';
import type { PermissionDefinition } from './permissions';
import type { ErrorDefinition } from './problem';

/** Everything the world may know of one room. */
export interface Contract {
  readonly name: string;
  readonly api?: ApiContract;
  readonly live?: LiveContract;
  readonly jobs?: readonly JobContract[];
  readonly errors?: Record<string, ErrorDefinition>;
  readonly permissions?: Record<string, PermissionDefinition>;
}

export const contract = <const C extends Contract>(definition: C): C => definition;
