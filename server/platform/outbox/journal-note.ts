/** What may stand in the journal: text, truth, whole numbers, and lists and objects of these. Money travels as text. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** One line for the journal, as the room that acts says it. Who acted, from where and when, the journal knows itself. */
export interface JournalNote {
  /** By default `data_change`. */
  readonly type?: 'data_change' | 'user_action' | 'security_event' | 'system_event';
  /** `<thing>.<past tense>`: `user.suspended`. */
  readonly action: string;
  readonly outcome?: 'success' | 'failure' | 'denied';
  readonly severity?: 'debug' | 'info' | 'notice' | 'warning' | 'error' | 'critical';
  /** Whose journal; by default the caller's. */
  readonly orgId?: string;
  readonly entity?: { readonly type: string; readonly id: string };
  readonly branchId?: string | null;
  /** The thing before and after, as its contract shows it; the journal keeps what differs. A new thing has no `before`. */
  readonly before?: object;
  readonly after?: object;
  readonly data?: { readonly [key: string]: Json | undefined };
  /** Names of fields of `before`, `after` and `data` that are personal: kept under the subject's own key, erasable. */
  readonly personal?: readonly string[];
  /** Whose personal values these are; by default the entity. */
  readonly subject?: { readonly type: string; readonly id: string };
}
