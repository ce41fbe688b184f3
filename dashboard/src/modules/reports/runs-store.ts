import type { ReportRun, RunProgress } from '@loro/contracts/reports';
import { hub } from '../../app/hub';

export interface RunsView {
  readonly state: 'loading' | 'ready' | 'failed';
  /** Newest first, without their rows. */
  readonly runs: readonly ReportRun[];
  readonly progress: ReadonlyMap<string, RunProgress>;
  readonly hasMore: boolean;
  readonly isReadingMore: boolean;
  readonly error: unknown;
}

export const noRuns: RunsView = {
  state: 'loading',
  runs: [],
  progress: new Map(),
  hasMore: false,
  isReadingMore: false,
  error: null,
};

const PAGE = 20;
const order = { queued: 0, running: 1, done: 2, failed: 2 } as const;

/** The report runs of the signed-in person: pages of the past, and how those under way are doing. */
export class RunsStore {
  view: RunsView = noRuns;
  private readonly known = new Map<string, ReportRun>();
  private readonly listeners = new Set<() => void>();
  private readonly offs: (() => void)[];
  private readonly subscriptions: ReturnType<typeof hub.reports.subscribe>[];
  private cursor: string | null = null;
  private isClosed = false;

  constructor(userId: string) {
    const take = (run: ReportRun) => this.take([run]);
    this.offs = [
      hub.reports.on('report:requested', take),
      hub.reports.on('report:finished', take),
      hub.reports.on('report:failed', take),
      hub.reports.on('report:progressed', (progress) => this.move(progress)),
    ];
    const requests = hub.reports.subscribe('requests', userId, { onReset: () => void this.read() });
    this.subscriptions = [requests, hub.reports.subscribe('progress', userId)];
    void this.read();
    // What ended between the first page and the stream's beginning is on the page that is read now.
    void requests.ready.then(() => this.read()).catch(() => undefined);
  }

  close(): void {
    this.isClosed = true;
    for (const off of this.offs) off();
    for (const subscription of this.subscriptions) subscription.close();
    this.listeners.clear();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Takes runs from wherever they come; one that is further along is never put back. */
  take(runs: readonly ReportRun[]): void {
    for (const run of runs) {
      const old = this.known.get(run.id);
      if (!old || order[run.status] >= order[old.status]) this.known.set(run.id, { ...run, result: null });
    }
    this.show({});
  }

  readonly retry = (): void => {
    this.show({ state: 'loading' });
    void this.read();
  };

  readonly readMore = async (): Promise<void> => {
    if (this.cursor === null || this.view.isReadingMore) return;
    this.show({ isReadingMore: true, error: null });
    try {
      const { data, page } = await hub.reports.runs({ limit: PAGE, cursor: this.cursor });
      this.cursor = page.nextCursor;
      this.take(data);
    } catch (error) {
      this.show({ error });
    } finally {
      this.show({ isReadingMore: false });
    }
  };

  private async read(): Promise<void> {
    try {
      const { data, page } = await hub.reports.runs({ limit: PAGE });
      // Further pages that are on the screen already begin where their own cursor says.
      if (this.known.size <= PAGE) this.cursor = page.nextCursor;
      this.take(data);
      this.show({ state: 'ready', error: null });
    } catch (error) {
      this.show({ state: this.view.state === 'ready' ? 'ready' : 'failed', error });
    }
  }

  private move(progress: RunProgress): void {
    this.show({ progress: new Map(this.view.progress).set(progress.runId, progress) });
  }

  private show(change: Partial<RunsView>): void {
    if (this.isClosed) return;
    const runs = [...this.known.values()].toSorted((a, b) => (a.id < b.id ? 1 : -1));
    this.view = { ...this.view, runs, hasMore: this.cursor !== null, ...change };
    for (const listener of this.listeners) listener();
  }
}
