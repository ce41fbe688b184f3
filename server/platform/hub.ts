import type { Redis } from 'ioredis';
import type { Pool } from 'mysql2/promise';
import type { Logger } from 'pino';
import { QueryTypes } from 'sequelize';
import type { ModelCtor, Sequelize } from 'sequelize-typescript';
import { ulid } from './ulid';
import type { Contract } from '@loro/contracts/kit/contract';
import type { JobContract } from '@loro/contracts/kit/job';
import { type DataOf, type LiveContract, streamName } from '@loro/contracts/kit/live';
import { Authenticator } from './auth/authenticator';
import { AuthChanges } from './auth/changes';
import { type AuthPorts, emptyPorts } from './auth/ports';
import { Tickets } from './auth/tickets';
import { Commands } from './commands';
import { context } from './context';
import type { Config } from './config';
import { outsideTransaction, connectPool, connectSequelize, Cursors, Transactions, Reads } from './db';
import { Outgoing } from './http/outgoing';
import type { Mount } from './http/routes';
import type { JobHandler } from './jobs/handle';
import { JobQueues } from './jobs/queues';
import { createIo, type Io } from './live/io';
import type { LiveNamespace } from './live/namespace';
import { Publisher } from './live/publisher';
import type { Sessions } from './live/sessions';
import { Watchers } from './live/watchers';
import { Load } from './observe/load';
import { Mail } from './mail/mail';
import { Metrics } from './observe/metrics';
import { Shutdown } from './observe/shutdown';
import { type Answered, nobody, type Witness } from './observe/witness';
import { Delivery, type Written } from './outbox/delivery';
import { type After, Effects, type PendingEvent, type StreamOf } from './outbox/effects';
import { HotLog } from './outbox/hot-log';
import { JobRows } from './outbox/job-rows';
import { StreamLog } from './outbox/stream-log';
import { Pokes } from './pokes';
import { connectRedis } from './redis';
import { Secrets } from './secrets';

/** A room as the hub sees it: what its door offers. */
export interface HubModule<Service = unknown> {
  readonly name: string;
  readonly contract: Contract;
  readonly models: ModelCtor[];
  service(hub: Hub): Service;
  /** Wires what the room supplies to others (ports, hooks) and starts what it runs by itself. */
  start?(service: Service, hub: Hub): void | Promise<void>;
  stop?(service: Service): void | Promise<void>;
  routes?(service: Service): Mount;
  live?(service: Service): LiveNamespace;
  jobs?(service: Service, hub: Hub): JobHandler[];
}

type Overhear = (events: readonly PendingEvent[], after: After) => Promise<void>;

export const defineModule = <S>(module: HubModule<S>): HubModule<S> => module;

export interface HubOptions {
  readonly config: Config;
  readonly modules: readonly HubModule[];
  readonly log: Logger;
  readonly now?: () => Date;
}

/** What every room is given: rows, transactions, the log, jobs, other rooms' doors. Gateways and workers share it. */
export class Hub {
  readonly config: Config;
  readonly log: Logger;
  readonly now: () => Date;
  readonly secrets: Secrets;
  readonly cursors: Cursors;
  readonly sequelize: Sequelize;
  /** For writes on hot paths. */
  readonly pool: Pool;
  readonly reads: Reads;
  readonly redis: Redis;
  readonly pokes: Pokes;
  readonly metrics: Metrics;
  readonly shutdown: Shutdown;
  readonly streams: StreamLog;
  readonly jobRows: JobRows;
  readonly delivery: Delivery;
  readonly queues: JobQueues;
  readonly commands: Commands;
  readonly ports: AuthPorts = emptyPorts();
  readonly mail: Mail;
  /** Calls to addresses that people typed. */
  readonly outgoing: Outgoing;
  readonly tickets: Tickets;
  readonly authenticator: Authenticator;
  readonly changes: AuthChanges;
  readonly live: Io;
  readonly load = new Load();
  /** This process, new at every start. */
  readonly nodeId = ulid();
  readonly watchers: Watchers;
  /** Says something to one sign-in that is connected to this node; a worker has none. */
  tellSession: Sessions['tell'] = () => false;
  /** Who is told of requests, errors and jobs; a room takes it over at boot. */
  witness: Witness = nobody;
  private readonly answered: ((answer: Answered) => void)[] = [];
  private readonly overhearers: Overhear[] = [];
  private readonly publisher: Publisher;
  private readonly transactions: Transactions<Effects, Written>;
  private readonly services = new Map<string, unknown>();

  constructor(private readonly options: HubOptions) {
    const { config, log, modules, now = () => new Date() } = options;
    this.config = config;
    this.log = log;
    this.now = now;
    this.secrets = new Secrets(config.LORO_SECRET);
    this.cursors = new Cursors(this.secrets);
    this.metrics = new Metrics(config.NODE_NAME);
    this.shutdown = new Shutdown(log);

    this.sequelize = connectSequelize({
      url: config.DATABASE_URL,
      poolSize: config.DATABASE_POOL,
      models: modules.flatMap(({ models }) => models),
    });
    this.pool = connectPool(config.DATABASE_URL, 4);
    const readPool = connectPool(config.DATABASE_URL, Math.ceil(config.DATABASE_POOL / 2));
    this.reads = new Reads(readPool, (stream) => this.streams.openHeads([stream]));
    this.shutdown.add('mysql', async () => {
      await Promise.all([this.pool.end(), readPool.end()]);
      await this.sequelize.close();
    });
    this.redis = connectRedis(config.REDIS_URL, log);
    const subscriber = connectRedis(config.REDIS_URL, log);
    this.shutdown.add('redis', () => {
      subscriber.disconnect();
      this.redis.disconnect();
    });
    this.pokes = new Pokes({ redis: this.redis, subscriber, prefix: config.REDIS_PREFIX, log });
    this.queues = new JobQueues(config.REDIS_URL, config.REDIS_PREFIX, log);
    this.shutdown.add('queues', () => this.queues.close());

    this.live = createIo({
      publish: this.redis,
      subscribe: subscriber,
      prefix: config.REDIS_PREFIX,
      fast: config.LIVE_FAST_PATH,
    });
    this.publisher = new Publisher(this.live.io);
    const hot = new HotLog(this.redis, config.REDIS_PREFIX, log, (head) => this.startOver(head));
    this.streams = new StreamLog(this.sequelize, {
      hot,
      now,
      onResume: (outcome) => this.metrics.resumes.inc({ outcome }),
    });
    this.jobRows = new JobRows(this.sequelize, now);
    const { streams, jobRows, publisher, queues } = this;
    this.delivery = new Delivery({ streams, jobRows, hot, publisher, queues, log });
    this.shutdown.add('delivery', () => this.delivery.settle());
    this.transactions = new Transactions<Effects, Written>(this.sequelize, {
      begin: () => new Effects(),
      // Events last: their heads are what other transactions wait for.
      write: async (effects) => {
        const { events, jobs, notes } = effects;
        if (events.length > 0) for (const overhear of this.overhearers) await overhear(events, effects);
        if (notes.length > 0) await this.ports.record(notes, context().caller);
        const rows = await this.jobRows.append(jobs);
        return { events: await this.streams.append(events), jobs: rows };
      },
      deliver: (written) => this.delivery.deliver(written),
    });
    this.commands = new Commands(this.sequelize, this.transactions, now, this.secrets);
    this.mail = new Mail(config, this.secrets);
    this.outgoing = new Outgoing(config.OUTGOING_PRIVATE);
    this.tickets = new Tickets(this.redis, config.REDIS_PREFIX, now);
    this.authenticator = new Authenticator(this.ports, this.tickets, now);
    this.changes = new AuthChanges(this.sequelize, now, log, {
      afterCommit: (act) => this.transactions.current?.afterCommit(act),
      redis: this.redis,
      subscriber,
      channel: `${config.REDIS_PREFIX}:authz`,
    });
    this.changes.onChange((change) => this.authenticator.heard(change));
    this.shutdown.add('changes', () => this.changes.stop());
    const { redis, nodeId } = this;
    this.watchers = new Watchers({ redis, prefix: config.REDIS_PREFIX, nodeId, now, log });
    for (const module of modules) this.services.set(module.name, module.service(this));
  }

  get modules(): readonly HubModule[] {
    return this.options.modules;
  }

  /** The door of a room on a lower floor. */
  use<S>(module: HubModule<S>): S {
    const service = this.services.get(module.name);
    if (service === undefined) throw new Error(`the room ${module.name} is not part of this hub`);
    // It was made by this very module's `service`.
    return service as S;
  }

  /**
   * One unit of work: rows, events and jobs commit together or not at all; a unit inside a unit joins it. May run
   * again after a deadlock, so it must not do anything that a rollback cannot undo.
   */
  transact<T>(work: (after: After) => Promise<T>): Promise<T> {
    return this.transactions.transact(work);
  }

  /** `listen` hears of every request of the REST side once it was answered; it must neither throw nor be waited for. */
  onAnswered(listen: (answer: Answered) => void): void {
    this.answered.push(listen);
  }

  tellAnswered(answer: Answered): void {
    this.witness.answered(answer);
    for (const listen of this.answered) listen(answer);
  }

  /** `overhear` runs in every transaction that publishes, with its events: for those who pass them on elsewhere. */
  onEvents(overhear: Overhear): void {
    this.overhearers.push(overhear);
  }

  /**
   * A unit of its own, that stays whatever becomes of the one that the caller stands in: what was refused and must be
   * known. It waits for rows that the other one holds, so it must touch none of them.
   */
  transactApart<T>(work: (after: After) => Promise<T>): Promise<T> {
    return outsideTransaction(() => this.transactions.transact(work));
  }

  /** Runs `act` once the transaction that the caller stands in has committed; outside one, at once. */
  afterCommit(act: () => void): void {
    const { current } = this.transactions;
    if (current) current.afterCommit(act);
    else act();
  }

  /** Reads that all see the same moment, stream heads included. */
  snapshot<T>(read: () => Promise<T>): Promise<T> {
    return this.transactions.snapshot(read);
  }

  /** Rows of a SELECT with named replacements, as the statement names them. */
  select<Row extends object>(sql: string, replacements: Record<string, unknown> = {}): Promise<Row[]> {
    return this.sequelize.query<Row>(sql, { type: QueryTypes.SELECT, replacements });
  }

  /** Sends the newest value of a key on a `latest` stream; nothing is stored. */
  emitLatest<L extends LiveContract, E extends keyof L['events'] & string>(
    live: L,
    event: E,
    { orgId, id }: StreamOf,
    data: DataOf<L, E>,
  ): void {
    const stream = streamName(orgId, live.events[event]?.stream ?? '', id);
    this.publisher.emit(live.namespace, stream, event, data, { stream, at: this.now().toISOString() });
  }

  /** Wakes a job that looks for work by itself; losing the poke costs only the wait for its next tick. */
  poke(job: JobContract, everyMs: number): void {
    this.queues.poke(job.name, everyMs).catch((error: unknown) => this.log.warn({ err: error }, 'a poke was lost'));
  }

  /** Two events hold one number of a stream, so the numbers begin anew. */
  private startOver(head: { stream: string; epoch: string }): void {
    this.log.error({ ...head }, 'a stream gave out a number twice, its epoch ends');
    this.streams
      .renew(head, 'now')
      .catch((error: unknown) => this.log.warn({ err: error, ...head }, 'the epoch could not be ended'));
  }

  async start(): Promise<void> {
    for (const module of this.modules) {
      await module.start?.(this.use(module), this);
      if (module.stop) this.shutdown.add(module.name, () => module.stop?.(this.use(module)));
    }
    await this.changes.start();
    this.load.start((level) => this.metrics.overload.set(level));
    this.shutdown.add('load', () => this.load.stop());
    const tidy = setInterval(() => this.authenticator.tidy(), 60_000);
    this.shutdown.add('tidy', () => clearInterval(tidy));
  }
}
