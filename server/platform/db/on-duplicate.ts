import { UniqueConstraintError } from 'sequelize';
import type { HubError } from '../errors';

/** Lets a unique index speak the module's language: `.catch(onDuplicate(() => new Conflict(…)))`. */
export const onDuplicate =
  (translate: (cause: Error) => HubError) =>
  (cause: unknown): never => {
    throw cause instanceof UniqueConstraintError ? translate(cause) : cause;
  };
