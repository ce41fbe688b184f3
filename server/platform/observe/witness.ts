import type { Caller } from '../context';

/** A request to the REST side, or a call over a socket, as it was answered. */
export interface Answered {
  /** `CALL` of sockets. */
  readonly method: string;
  /** Its pattern; `other` where no route is. */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
  readonly bytes: number;
  readonly caller: Caller;
}

/** An error of our side: a request answered with 5xx, or a job that failed. */
export interface Failed {
  readonly error: unknown;
  /** `GET /api/v1/tasks`, `job tasks.remind-owner`. */
  readonly place: string;
  readonly caller?: Caller;
}

/** Is told of what the hub did, beside the path of whoever asked; must neither throw nor be waited for. */
export interface Witness {
  answered(answer: Answered): void;
  failed(failure: Failed): void;
  ran(job: string, ms: number): void;
}

/** Until a room listens. */
export const nobody: Witness = { answered: () => {}, failed: () => {}, ran: () => {} };
