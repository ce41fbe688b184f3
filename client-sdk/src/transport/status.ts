/** How the live connection stands; a new object whenever it changes, to be rendered. */
export interface Status {
  /** `idle` nobody wants it or nobody is signed in; `waiting` for the next try; `ended` for good, see `reason`. */
  readonly state: 'idle' | 'connecting' | 'live' | 'waiting' | 'ended';
  /** Since when, by our clock, in milliseconds. */
  readonly since: number;
  /** When the next try is due. */
  readonly retryAt?: number;
  /** A code, or why the connection was lost. */
  readonly reason?: string;
}
