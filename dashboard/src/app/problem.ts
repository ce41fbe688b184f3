import { LoroError } from '@loro/client';
import { toast } from '../ui/toast';

export interface ProblemText {
  title: string;
  detail: string;
  requestId: string | null;
}

/** Any thrown thing in words for a person. */
export function describeProblem(error: unknown): ProblemText {
  if (error instanceof LoroError) {
    const { title, detail, requestId } = error.problem;
    // What never reached the hub has no request id, and a title that repeats the detail.
    if (requestId === '') return { title: localTitles[error.code] ?? 'No answer', detail, requestId: null };
    return { title, detail, requestId };
  }
  return {
    title: 'Something went wrong',
    detail: error instanceof Error ? error.message : String(error),
    requestId: null,
  };
}

const localTitles: Partial<Record<string, string>> = {
  OFFLINE: 'The hub cannot be reached',
  TIMEOUT: 'The hub did not answer in time',
  SIGNED_OUT: 'You are signed out',
};

export function toastProblem(error: unknown): void {
  const { title, detail, requestId } = describeProblem(error);
  toast({ title, detail, note: requestId === null ? undefined : `Request ${requestId}` });
}

/** Messages by field: `params.from` is found under `from`, the last step of its path. */
export function fieldErrorsOf(error: unknown): Partial<Record<string, string>> {
  if (!(error instanceof LoroError)) return {};
  const messages: Partial<Record<string, string>> = {};
  for (const { path, message } of error.errors) {
    const field = path.split(/[./]/).at(-1) ?? path;
    messages[field] ??= sentence(message);
  }
  return messages;
}

/** Contracts speak in fragments such as "is before `from`". */
function sentence(message: string): string {
  const plain = message.replaceAll('`', '');
  const lead = /^(is|has|names|must)\b/.test(plain) ? `This ${plain}` : plain;
  return lead.charAt(0).toUpperCase() + lead.slice(1) + (/[.!?]$/.test(lead) ? '' : '.');
}
