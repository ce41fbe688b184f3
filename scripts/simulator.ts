import { createLoroHub, type LoroHub, LoroError } from '@loro/client';
import { fileStore } from '@loro/client/node';
import path from 'node:path';
import { demoCompany, liveCast } from '../server/seeds/company';
import type { DemoPerson } from '../server/seeds/company.types';
import { type FixSample, type Walker, walker } from '../server/seeds/movement';
import { DEMO_PASSWORD } from '../server/seeds/show';
import { DATA_FOLDER } from './environment';

const STEP_MS = 1_000;
/** A phone that lies still reports less often, as a real one does. */
const STILL_STEPS = 10;
const TRY_AGAIN_MS = 5_000;

/** One phone of the demo: signs in as any client would, streams its walk, checks in where it stays and out where it leaves. */
class Phone {
  private readonly hub: LoroHub;
  private readonly walk: Walker;
  private last = Date.now();
  private steps = 0;
  private openCheckIn: string | null = null;
  private checking = false;

  constructor(
    private readonly person: DemoPerson,
    index: number,
    url: string,
  ) {
    this.hub = createLoroHub({
      url,
      deviceName: 'Demo phone',
      session: fileStore(path.join(DATA_FOLDER, 'phones', `${person.id}.json`)),
    });
    // Everybody is on the way already, and at a different point of it, when the first screen opens.
    const leadS = 120 + index * 97;
    this.walk = walker(person, `${Date.now()}`, new Date(Date.now() - leadS * 1_000));
    for (let second = 0; second < leadS; second += 1) this.walk.next(1);
  }

  async start(): Promise<void> {
    await this.signIn();
    // What an earlier run left open would stand in the way of checking in.
    const { data } = await this.hub.checkIns.list({ userId: this.person.id, open: 'true' });
    this.openCheckIn = data[0]?.id ?? null;
    const recorder = this.hub.tracking.recorder({ device: this.person.deviceId, intervalMs: 200 });
    this.last = Date.now();
    setInterval(() => {
      const now = Date.now();
      const sample = this.walk.next((now - this.last) / 1_000);
      this.last = now;
      this.steps += 1;
      const { activity } = this.walk.state();
      if (activity !== 'stopped' || this.steps % STILL_STEPS === 0) void recorder.report(readingOf(sample));
      void this.check(sample);
    }, STEP_MS);
  }

  private async signIn(): Promise<void> {
    for (;;) {
      try {
        if (await this.hub.auth.resume()) return;
        await this.hub.auth.signIn({ email: this.person.email, password: DEMO_PASSWORD });
        return;
      } catch (error) {
        const waitMs = error instanceof LoroError ? (error.retryAfterMs ?? TRY_AGAIN_MS) : TRY_AGAIN_MS;
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }

  private async check({ lat, lng, accuracy }: FixSample): Promise<void> {
    const { activity, site } = this.walk.state();
    const staying = activity === 'stopped' && (site.kind === 'client' || site.kind === 'branch');
    if (this.checking || staying === (this.openCheckIn !== null)) return;
    this.checking = true;
    try {
      const position = { lat, lng, accuracy };
      if (this.openCheckIn === null)
        this.openCheckIn = (await this.hub.checkIns.start({ position, note: site.name })).id;
      else {
        await this.hub.checkIns.end({ checkInId: this.openCheckIn, position });
        this.openCheckIn = null;
      }
    } catch (error) {
      // The hub may be restarting; the next step tries again. What it has closed already needs no closing.
      if (error instanceof LoroError && (error.status === 404 || error.status === 409)) this.openCheckIn = null;
    } finally {
      this.checking = false;
    }
  }
}

const readingOf = ({ at, lat, lng, accuracy, speed, heading, battery }: FixSample) => ({
  at,
  lat,
  lng,
  accuracy,
  speed,
  heading,
  battery,
});

/** Keeps a dozen people of the demo company moving, over the same wire as any phone. */
async function main(): Promise<void> {
  const url = process.env['LORO_URL'] ?? 'http://127.0.0.1:3000';
  const phones = liveCast(demoCompany()).map((person, index) => new Phone(person, index, url));
  await Promise.all(phones.map((phone) => phone.start()));
  process.send?.({ ready: true });
}

for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.on(signal, () => process.exit(0));
main().catch((error: unknown) => {
  console.error('the demo phones could not start:', error);
  process.exit(1);
});
