import { setTimeout as sleep } from 'node:timers/promises';
import { streamName } from '@loro/contracts/kit/live';
import type { Pace, Reported } from '../load/phones';
import type { Side, SideName } from '../sides';
import type { Stage } from '../stage';

const LOOK_MS = 150;
const SHOWN_MS = 30_000;

export interface Ride {
  /** Fixes that were acknowledged. */
  readonly acked: number;
  /** Positions that dashboards were shown, all together. */
  readonly shown: number;
  readonly cpuUs: number;
  readonly besideUs: ReadonlyMap<string, number>;
}

/** A branch with phones that report and dashboards that watch, on every side; a worker follows the hub's tracks. */
export class Field {
  private durable = 0;

  private constructor(
    private readonly stage: Stage,
    private readonly orgId: string,
    readonly sides: readonly Side[],
  ) {}

  static async open(
    stage: Stage,
    names: readonly SideName[],
    { phones, dashboards }: { phones: number; dashboards: number },
  ): Promise<Field> {
    const people = await stage.organisation({ staff: phones, auditors: Math.min(50, dashboards) });
    const staff = people.filter(({ role }) => role === 'staff');
    const watchers = people.filter(({ role }) => role === 'auditor');
    const [{ orgId, branchId } = { orgId: '', branchId: '' }] = staff;
    await stage.startWorker();
    const sides = await stage.sides(names);
    for (const side of sides) {
      stage.say(`connecting ${phones} phones and ${dashboards} dashboards to ${side.name}`);
      const target = side.target('/tracking');
      const streams = [streamName(orgId, 'fleet', branchId)];
      const view = { target, tokens: side.tokens(watchers), count: dashboards, streams, event: 'fixes:moved' };
      await side.load.call('view', view, 120_000);
      const devices = staff.map(({ device }) => device);
      const track = { target, tokens: side.tokens(staff), count: phones, streams: [], devices };
      await side.load.call('track', track, 120_000);
    }
    return new Field(stage, orgId, sides);
  }

  /** Interleaved rounds of reporting at one pace. */
  measure(title: string, pace: Pace): Promise<Map<string, Ride[]>> {
    const runs = new Map(this.sides.map((side) => [side.name, () => this.ride(side, pace)]));
    return this.stage.measure(title, this.sides, runs);
  }

  /** An acknowledgement is a promise: as many fixes as the hub acknowledged must be in the database. */
  async checkStored(): Promise<void> {
    const stored = await this.stage.backstage.call<number>('storedFixes', { orgId: this.orgId });
    if (stored !== this.durable) throw new Error(`the hub acknowledged ${this.durable} fixes and stored ${stored}`);
  }

  /** One stretch of reporting, until everything that came of it has been shown. */
  private async ride(side: Side, pace: Pace): Promise<Ride> {
    const before = await side.load.call<{ shown: number }>('counts');
    const { result, cpuUs, besideUs } = await side.costOf(async () => {
      const acked = await this.report(side, pace);
      return { acked, shown: await settled(side) };
    });
    return { acked: result.acked, shown: result.shown - before.shown, cpuUs, besideUs };
  }

  private async report(side: Side, pace: Pace): Promise<number> {
    const reported = await side.load.call<Reported>('report', pace, pace.ms + 60_000);
    const { acked, sent, failures, firstFailure } = reported;
    if (acked !== sent)
      throw new Error(
        `${side.name}: ${sent} fixes were sent, ${acked} acknowledged, ${failures} refused ${firstFailure ?? ''}`,
      );
    if (side.isHub) this.durable += acked;
    return acked;
  }
}

/** What was shown in all, once it does not grow any more. */
async function settled(side: Side): Promise<number> {
  const deadline = performance.now() + SHOWN_MS;
  let last = -1;
  for (;;) {
    const { shown, closed } = await side.load.call<{ shown: number; closed: number }>('counts');
    if (closed > 0) throw new Error(`${side.name} closed ${closed} connections`);
    if (shown === last || performance.now() > deadline) return shown;
    last = shown;
    await sleep(LOOK_MS);
  }
}
