import { setTimeout as sleep } from 'node:timers/promises';
import { ulid } from 'ulid';
import type { Client } from './client';

const TICK_MS = 5;
const LAST_ACKS_MS = 20_000;

export interface Pace {
  readonly ms: number;
  readonly fixesAPacket: number;
  /** Packets a second of each phone; null: the next as soon as the last is acknowledged. */
  readonly perSecond: number | null;
}

export interface Reported {
  readonly sent: number;
  readonly acked: number;
  readonly failures: number;
  readonly firstFailure: string | null;
}

/** Phones on the move: each reports fixes, and counts what was acknowledged. */
export class Phones {
  private readonly phones: Phone[];

  constructor(clients: readonly Client[], devices: readonly string[]) {
    this.phones = clients.map((client, index) => new Phone(client, devices[index] ?? ulid(), index));
  }

  async run({ ms, fixesAPacket, perSecond }: Pace): Promise<Reported> {
    for (const phone of this.phones) phone.begin(fixesAPacket);
    const until = performance.now() + ms;
    if (perSecond === null) {
      for (const phone of this.phones) phone.keepReporting(until);
      await sleep(ms);
    } else await this.inPace(until, 1_000 / perSecond);
    const deadline = performance.now() + LAST_ACKS_MS;
    while (this.phones.some(({ open }) => open > 0) && performance.now() < deadline) await sleep(TICK_MS);

    const sum = (of: (phone: Phone) => number) => this.phones.reduce((total, phone) => total + of(phone), 0);
    return {
      sent: sum(({ sent }) => sent),
      acked: sum(({ acked }) => acked),
      failures: sum(({ failures }) => failures),
      firstFailure: this.phones.find(({ failure }) => failure !== null)?.failure ?? null,
    };
  }

  /** Spreads the phones over the interval, so that each moment has its share. */
  private async inPace(until: number, everyMs: number): Promise<void> {
    const started = performance.now();
    const due = this.phones.map((_, index) => started + (index / this.phones.length) * everyMs);
    for (let now = started; now < until; now = performance.now()) {
      for (const [index, phone] of this.phones.entries()) {
        if ((due[index] ?? 0) > now) continue;
        phone.report();
        due[index] = (due[index] ?? 0) + everyMs;
      }
      await sleep(TICK_MS);
    }
  }
}

class Phone {
  sent = 0;
  acked = 0;
  failures = 0;
  failure: string | null = null;
  open = 0;
  private fixesAPacket = 1;
  private until = 0;
  private boot = '';
  private n = 0;
  private lastAt = 0;

  constructor(
    private readonly client: Client,
    private readonly device: string,
    private readonly index: number,
  ) {}

  begin(fixesAPacket: number): void {
    this.fixesAPacket = fixesAPacket;
    this.sent = this.acked = this.failures = this.n = 0;
    this.failure = null;
    this.boot = ulid();
  }

  keepReporting(until: number): void {
    this.until = until;
    this.report();
  }

  report(): void {
    const fixes = Array.from({ length: this.fixesAPacket }, () => this.fix());
    this.sent += fixes.length;
    this.open += 1;
    this.client.call('fix:report', { device: this.device, boot: this.boot, fixes }, (answer) => this.onAnswer(answer));
  }

  private onAnswer(answer: string): void {
    this.open -= 1;
    if (answer.startsWith('[{"ok":true') && answer.includes('"rejected":[]')) this.acked += this.fixesAPacket;
    else {
      this.failures += this.fixesAPacket;
      this.failure ??= answer.slice(0, 400);
    }
    if (performance.now() < this.until) this.report();
  }

  /** A slow walk, every fix later than the one before. */
  private fix() {
    this.n += 1;
    this.lastAt = Math.max(Date.now(), this.lastAt + 1);
    return {
      n: this.n,
      at: new Date(this.lastAt).toISOString(),
      lat: Number((-26.1 + this.index * 1e-4 + this.n * 1e-7).toFixed(7)),
      lng: Number((28.05 + this.n * 1e-7).toFixed(7)),
      accuracy: 8,
      speed: 1.4,
      heading: 90,
      battery: 0.8,
    };
  }
}
