import { serve } from '../rpc';
import { type Client } from './client';
import { closeCrowd, type CrowdOptions, handshakes, openCrowd } from './crowd';
import { type Pace, Phones } from './phones';
import { loadRest, type RestOptions } from './rest';
import { Viewers } from './viewers';

/** One load generator: the dashboards, the phones and the idle of one side of a figure, or the callers of its REST. */
class Load {
  private viewers: Viewers | null = null;
  private phones: Phones | null = null;
  private readonly clients: Client[] = [];

  async view({ event, ...options }: CrowdOptions & { event: string }): Promise<void> {
    const viewers = new Viewers(options.target, event);
    this.viewers = viewers;
    this.clients.push(...(await openCrowd(options, () => viewers.onEvent)));
  }

  async track({ devices, ...options }: CrowdOptions & { devices: readonly string[] }): Promise<void> {
    const clients = await openCrowd(options, () => () => {});
    this.phones = new Phones(clients, devices);
    this.clients.push(...clients);
  }

  async idle(options: CrowdOptions): Promise<void> {
    this.clients.push(...(await openCrowd(options, () => () => {})));
  }

  async drop(): Promise<void> {
    await closeCrowd(this.clients.splice(0));
  }

  report(pace: Pace) {
    if (!this.phones) throw new Error('there are no phones');
    return this.phones.run(pace);
  }

  counts(): { deliveries: number; shown: number; closed: number } {
    const { deliveries = 0, shown = 0 } = this.viewers ?? {};
    return { deliveries, shown, closed: this.clients.filter(({ isClosed }) => isClosed).length };
  }

  get watching(): Viewers {
    if (!this.viewers) throw new Error('nobody watches');
    return this.viewers;
  }
}

const load = new Load();

serve({
  view: (options: CrowdOptions & { event: string }) => load.view(options),
  track: (options: CrowdOptions & { devices: readonly string[] }) => load.track(options),
  idle: (options: CrowdOptions) => load.idle(options),
  drop: () => load.drop(),
  report: (pace: Pace) => load.report(pace),
  counts: () => load.counts(),
  until: ({ count, timeoutMs }: { count: number; timeoutMs: number }) => load.watching.until(count, timeoutMs),
  startClock: () => load.watching.startClock(),
  stopClock: () => load.watching.stopClock(),
  handshakes: (options: CrowdOptions) => handshakes(options),
  rest: (options: RestOptions) => loadRest(options),
});
