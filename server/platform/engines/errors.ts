export type EnginesErrorCode = 'ENGINES_MISSING' | 'ENGINES_LOCKED' | 'ENGINES_NOT_RUNNING' | 'ENGINE_FAILED';

/** What stops a hub from having its engines. The message is for the person at the terminal, the code for the program. */
export class EnginesError extends Error {
  override readonly name = 'EnginesError';

  constructor(
    readonly code: EnginesErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The `code` of a failed system call (`'ENOENT'`, `'EEXIST'` …), or undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  // Not `instanceof Error`: one that Node made is of another realm where this module runs in a sandbox, as under jest.
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}
