import type { CheckIn } from '@loro/contracts/check-ins';
import { hub } from '../../app/hub';

export interface FeedView {
  readonly state: 'loading' | 'ready' | 'failed';
  /** Newest first. */
  readonly checkIns: readonly CheckIn[];
  readonly hasMore: boolean;
  readonly isReadingMore: boolean;
  readonly error: unknown;
  /** What came in live last, for those who hear the page. */
  readonly latest: CheckIn | null;
}

export interface FeedFilter {
  readonly branchIds: readonly string[];
  /** One branch alone; null for all. */
  readonly branchId: string | null;
  readonly openOnly: boolean;
}

const PAGE = 50;
type Subscription = ReturnType<typeof hub.checkIns.subscribe>;

/** The check-ins of some branches: pages of the past, and whatever happens from the first page on. */
export class CheckInFeed {
  view: FeedView = {
    state: 'loading',
    checkIns: [],
    hasMore: false,
    isReadingMore: false,
    error: null,
    latest: null,
  };
  private readonly known = new Map<string, CheckIn>();
  private readonly listeners = new Set<() => void>();
  private readonly offs: (() => void)[];
  private subscriptions: Subscription[] = [];
  private cursor: string | null = null;
  private isClosed = false;

  constructor(private readonly filter: FeedFilter) {
    const hear = (checkIn: CheckIn) => this.hear(checkIn);
    this.offs = [hub.checkIns.on('check-in:started', hear), hub.checkIns.on('check-in:ended', hear)];
    void this.open();
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

  readonly retry = (): void => {
    this.show({ state: 'loading', error: null });
    void (this.subscriptions.length > 0 ? this.reload() : this.open());
  };

  readonly readMore = async (): Promise<void> => {
    if (this.cursor === null || this.view.isReadingMore) return;
    this.show({ isReadingMore: true, error: null });
    try {
      this.take(await this.read(this.cursor));
    } catch (error) {
      this.show({ error });
    } finally {
      this.show({ isReadingMore: false });
    }
  };

  /** Takes what this very page did, which a person without the branch's stream would not hear. */
  hear(checkIn: CheckIn): void {
    const { branchId, openOnly } = this.filter;
    if (branchId !== null && checkIn.branchId !== branchId) return;
    const old = this.known.get(checkIn.id);
    if (old && (old.endedAt !== null || checkIn.endedAt === null)) return;
    // Older than the oldest page that was read: it comes with its own page.
    const oldest = this.view.checkIns.at(-1);
    if (!old && this.cursor !== null && oldest && checkIn.id < oldest.id) return;
    if (openOnly && checkIn.endedAt !== null) this.known.delete(checkIn.id);
    else this.known.set(checkIn.id, checkIn);
    this.show({ latest: checkIn });
  }

  private async open(): Promise<void> {
    try {
      const { streams = [], ...page } = await this.read();
      if (this.isClosed) return;
      this.take(page);
      this.follow(streams);
    } catch (error) {
      this.show({ state: 'failed', error });
    }
  }

  /** From a known position nothing can be missed; where none was told, the first page is looked at once more. */
  private follow(positions: readonly { stream: string; epoch: string; n: number }[]): void {
    const { branchIds, branchId } = this.filter;
    const onReset = () => void this.reload();
    let fromHead: Subscription[] = [];
    for (const id of branchId === null ? branchIds : [branchId]) {
      const after = positions.find(({ stream }) => stream.endsWith(`:${id}`));
      const subscription = hub.checkIns.subscribe('branch', id, { after, onReset });
      this.subscriptions.push(subscription);
      if (!after) fromHead = [...fromHead, subscription];
    }
    // A refused branch costs its live events; what may be read stands all the same.
    const settled = Promise.allSettled(fromHead.map(({ ready }) => ready));
    if (fromHead.length > 0) void settled.then(() => this.catchUp());
  }

  private async catchUp(): Promise<void> {
    if (this.isClosed) return;
    try {
      const { data } = await this.read();
      for (const checkIn of data) this.hear(checkIn);
    } catch (error) {
      this.show({ error });
    }
  }

  private async reload(): Promise<void> {
    try {
      const page = await this.read();
      this.known.clear();
      this.take(page);
    } catch (error) {
      this.show({ state: 'failed', error });
    }
  }

  private read(cursor?: string) {
    const { branchId, openOnly } = this.filter;
    return hub.checkIns.list({
      limit: PAGE,
      ...(cursor !== undefined && { cursor }),
      ...(branchId !== null && { branchId }),
      ...(openOnly && { open: 'true' as const }),
    });
  }

  private take({ data, page }: { data: CheckIn[]; page: { nextCursor: string | null } }): void {
    for (const checkIn of data) {
      // An end that was heard while the page was on its way is newer than the page.
      if (this.known.get(checkIn.id)?.endedAt == null) this.known.set(checkIn.id, checkIn);
    }
    this.cursor = page.nextCursor;
    this.show({ state: 'ready', error: null });
  }

  private show(change: Partial<FeedView>): void {
    if (this.isClosed) return;
    const checkIns = [...this.known.values()].toSorted((a, b) => (a.id < b.id ? 1 : -1));
    this.view = { ...this.view, checkIns, hasMore: this.cursor !== null, ...change };
    for (const listener of this.listeners) listener();
  }
}
