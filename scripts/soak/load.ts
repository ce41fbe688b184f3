import type { Recorder } from '@loro/client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../server/seeds/random';
import type { Actor, ReportWish } from './actor';
import { Commander } from './commands';
import { SdkActor } from './sdk-actor';

const FIX_MS = 1_000;
const LAP_MS = 30_000;
const DEGREES_PER_METRE = 1 / 111_195;
const OUTSIDE_M = 1_000;
const PHONES = 0.3;
const REPORTS = 0.05;
const DAY_MS = 86_400_000;

export interface Phone {
  readonly actor: SdkActor;
  readonly recorder: Recorder;
  reported: number;
}

/** Everything that happens in the soaked companies: people check in and out, phones walk through the fence, reports are asked for. */
export class Load {
  readonly phones: Phone[];
  readonly commander: Commander;
  /** Check-ins that are open, by person. */
  private readonly open = new Map<Actor, string>();
  private readonly busy = new Set<Actor>();
  private readonly underWay = new Set<Promise<unknown>>();

  constructor(
    private readonly actors: readonly Actor[],
    private readonly random: Random,
    giveUp: AbortSignal,
  ) {
    this.commander = new Commander(random, giveUp);
    this.phones = actors
      .filter((actor): actor is SdkActor => actor instanceof SdkActor)
      .filter((_, index) => index % Math.round(1 / PHONES) === 0)
      .map((actor) => ({ actor, recorder: actor.recorder(), reported: 0 }));
  }

  /** Publishes at `rate` until `signal`. */
  async run(rate: number, signal: AbortSignal): Promise<void> {
    await Promise.all([this.act(rate, signal), this.walk(signal)]);
  }

  /** Resolves when every command has its answer and every fix is acknowledged. */
  async finish(): Promise<void> {
    await Promise.allSettled(this.underWay);
    await Promise.allSettled(this.phones.map(({ recorder }) => recorder.flush()));
  }

  /** Reports over a quarter of a year, which keep the workers busy for a moment. */
  askForMuch(count: number): void {
    for (let index = 0; index < count; index += 1) this.track(this.askForReport(this.random.pick(this.actors), 91));
  }

  private async act(rate: number, signal: AbortSignal): Promise<void> {
    const startedAt = Date.now();
    for (let done = 0; !signal.aborted; done += 1) {
      await sleep(Math.max(0, startedAt + (done * 1_000) / rate - Date.now()), undefined, { signal }).catch(() => {});
      const actor = this.random.pick(this.actors);
      if (this.random.chance(REPORTS)) this.track(this.askForReport(actor, 2));
      else if (!this.busy.has(actor)) this.track(this.checkInOrOut(actor));
    }
  }

  private async checkInOrOut(actor: Actor): Promise<void> {
    this.busy.add(actor);
    const { lat, lng } = actor.person;
    const position = { lat, lng };
    const checkInId = this.open.get(actor);
    if (checkInId === undefined) {
      const started = await this.commander.command(actor, (id) => ({
        name: 'check-in:start',
        input: { position, note: id },
      }));
      if (started !== null) this.open.set(actor, started);
    } else {
      const ended = await this.commander.command(actor, () => ({
        name: 'check-in:end',
        input: { checkInId, position },
      }));
      if (ended !== null) this.open.delete(actor);
    }
    this.busy.delete(actor);
  }

  private async askForReport(actor: Actor, days: number): Promise<void> {
    await this.commander.report(actor, lastDays(days));
  }

  /** Each phone goes in and out of its branch's circle; no two at the same moment. */
  private async walk(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const now = Date.now();
      for (const [index, phone] of this.phones.entries()) {
        const { lat, lng } = phone.actor.person;
        const isInside = ((now + index * 3_700) % LAP_MS) * 2 < LAP_MS;
        phone.reported += 1;
        this.track(
          phone.recorder.report({
            at: new Date(now).toISOString(),
            lat: lat + (isInside ? 0 : OUTSIDE_M * DEGREES_PER_METRE),
            lng,
            accuracy: 10,
          }),
        );
      }
      await sleep(FIX_MS, undefined, { signal }).catch(() => {});
    }
  }

  private track(work: Promise<unknown>): void {
    const tracked = work.finally(() => this.underWay.delete(tracked));
    this.underWay.add(tracked);
  }
}

const lastDays = (days: number): ReportWish => {
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  return { from: day(Date.now() - days * DAY_MS), to: day(Date.now()) };
};
