import { setTimeout as sleep } from 'node:timers/promises';
import { ulid } from 'ulid';
import type { Random } from '../../server/seeds/random';
import { type Actor, type Command, Refusal, type ReportWish, type Way } from './actor';

const LONGEST_WAIT_MS = 2_000;
const TWICE = 0.1;

/** One command, however often and by whichever ways it was sent. */
export interface Sent {
  readonly id: string;
  readonly actor: Actor;
  readonly what: Command['name'] | 'report';
  /** The check-in that it ends. */
  readonly checkInId: string | null;
  tries: number;
  /** The id that the hub acknowledged: of the check-in or the report run. */
  acked: string | null;
  /** A second answer to the same command that was another one. */
  differing: string | null;
  /** Refused for good: nothing may have happened. */
  refused: string | null;
}

/** Sends commands as a client must who cannot know whether the first try went well: again, by any way, under one id. */
export class Commander {
  readonly sent: Sent[] = [];
  /** Answers that no client should ever get, by code. */
  readonly oddities = new Map<string, number>();

  constructor(
    private readonly random: Random,
    private readonly signal: AbortSignal,
  ) {}

  /** @returns the check-in's id, or null where it was refused or the run ended */
  async command(actor: Actor, make: (id: string) => Command): Promise<string | null> {
    const id = ulid();
    const command = make(id);
    const checkInId = command.name === 'check-in:end' ? command.input.checkInId : null;
    const first: Way = this.random.chance(0.6) ? 'socket' : 'http';
    const sent = this.note(actor, command.name, id, checkInId);
    const send = async (tries: number): Promise<string> => {
      const way = tries % 2 === 0 ? first : other(first);
      return (await actor.send(command, id, way)).id;
    };
    const acked = await this.insist(sent, send);
    // A client that lost the answer asks again although it went well.
    if (acked !== null && this.random.chance(TWICE)) {
      const again = await this.insist({ ...sent }, send);
      if (again !== null && again !== acked) sent.differing = again;
    }
    return acked;
  }

  async report(actor: Actor, wish: ReportWish): Promise<string | null> {
    const id = ulid();
    const sent = this.note(actor, 'report', id, null);
    return this.insist(sent, () => actor.requestReport(wish, id));
  }

  private note(actor: Actor, what: Sent['what'], id: string, checkInId: string | null): Sent {
    const sent = { id, actor, what, checkInId, tries: 0, acked: null, differing: null, refused: null };
    this.sent.push(sent);
    return sent;
  }

  private async insist(sent: Sent, send: (tries: number) => Promise<string>): Promise<string | null> {
    while (!this.signal.aborted) {
      try {
        sent.acked = await send(sent.tries++);
        return sent.acked;
      } catch (error) {
        const refusal = error instanceof Refusal ? error : new Refusal('UNREADABLE', 500, undefined, String(error));
        if (refusal.status === 500) this.count(refusal);
        if (!refusal.isPassing && refusal.status !== 401) {
          sent.refused = refusal.message;
          if (refusal.code !== 'TOO_MANY_RUNS') this.count(refusal);
          return null;
        }
        const waitMs = Math.min(refusal.retryAfterMs ?? this.random.between(100, 1_000), LONGEST_WAIT_MS);
        await sleep(waitMs, undefined, { signal: this.signal }).catch(() => {});
      }
    }
    return null;
  }

  private count({ message }: Refusal): void {
    this.oddities.set(message, (this.oddities.get(message) ?? 0) + 1);
  }
}

const other = (way: Way): Way => (way === 'socket' ? 'http' : 'socket');
