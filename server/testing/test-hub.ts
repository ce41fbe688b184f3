import path from 'node:path';
import type { ApiContract } from '@loro/contracts/kit/api';
import type { BuiltInRole } from '@loro/contracts/kit/permissions';
import { createConnection } from 'mysql2/promise';
import { ulid } from '../platform/ulid';
import { modules } from '../modules';
import { auth } from '../modules/auth';
import { licensing } from '../modules/licensing';
import {
  about,
  createLogger,
  Hub,
  mail,
  migrate,
  openGateway,
  operator,
  presence,
  readConfig,
  type RunningGateway,
  streams,
  tickets,
} from '../platform/boot';
import { databaseAddress } from '../platform/db';
import { type CaughtMail, caughtMails } from '../platform/mail/catcher';
import { type ApiClient, apiClient } from './api-client';
import { Listener } from './listener';
import { noteTold } from './told';

/** A person with everything a test may need: where they belong, and a token that REST and sockets take. */
export interface Person {
  readonly orgId: string;
  readonly branchId: string;
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly token: string;
  readonly sessionId: string;
}

interface PersonOptions {
  readonly role?: BuiltInRole;
  /** Works where this person works. */
  readonly beside?: Pick<Person, 'orgId' | 'branchId'>;
  /** In the same organisation, at a branch of their own. */
  readonly elsewhereIn?: Pick<Person, 'orgId'>;
}

/** A gateway and its hub. */
export interface TestNode {
  readonly hub: Hub;
  readonly gateway: RunningGateway;
}

interface TestHubOptions {
  /** The folder of the built dashboard; by default the hub serves none. */
  readonly pages?: string;
  /** Settings beside the usual ones of the tests. */
  readonly env?: Readonly<Record<string, string>>;
}

const PASSWORD = 'correct horse battery';

/** Settable time: the hub's clock, and nobody else's. */
export class Clock {
  private offsetMs = 0;
  readonly now = (): Date => new Date(Date.now() + this.offsetMs);
  advance(ms: number): void {
    this.offsetMs += ms;
  }
}

/** A whole hub for one test file: real MySQL, Redis, HTTP and sockets, and a clock that can be moved. */
export class TestHub {
  readonly clock = new Clock();
  hub!: Hub;
  gateway!: RunningGateway;
  private passwordHash = '';
  private readonly listeners: Listener[] = [];
  private readonly others: TestNode[] = [];

  constructor(private readonly options: TestHubOptions = {}) {}

  get url(): string {
    return this.gateway.url;
  }

  async start(): Promise<void> {
    this.hub = await this.make('test');
    await migrate(this.hub.sequelize, path.join(__dirname, '../migrations'));
    this.gateway = await openGateway(this.hub, this.options.pages ?? '/nonexistent');
    this.passwordHash = await this.hub.use(auth).passwords.hash(PASSWORD);
  }

  async stop(): Promise<void> {
    for (const listener of this.listeners) listener.close();
    // `LORO_TEST_TOLD=/tmp/told.jsonl npx jest` lists the routes that write and tell the journal nothing.
    const told = process.env['LORO_TEST_TOLD'];
    if (told !== undefined) await noteTold(this, told);
    for (const { hub } of this.others) await hub.shutdown.end();
    await this.hub.shutdown.end();
  }

  /** One more gateway of the same database, Redis and clock, as a load balancer would have beside the first. */
  async secondNode(name = 'test-b'): Promise<TestNode> {
    const hub = await this.make(name);
    // Models belong to one Sequelize a process, the last that took them. They stay with the first node's, which
    // outlives this one.
    this.hub.sequelize.addModels(modules.flatMap(({ models }) => models));
    const node = { hub, gateway: await openGateway(hub, '/nonexistent') };
    this.others.push(node);
    return node;
  }

  private async make(name: string): Promise<Hub> {
    const config = readConfig({
      DATABASE_URL: await freshDatabase(),
      REDIS_URL: process.env['LORO_TEST_REDIS_URL'],
      SMTP_URL: process.env['LORO_TEST_SMTP_URL'],
      MAIL_CAUGHT: process.env['LORO_TEST_MAILS'],
      LORO_SECRET: 'a secret that is only used by the tests',
      REDIS_PREFIX: `test-${process.env['JEST_WORKER_ID'] ?? '1'}-${process.pid}`,
      BCRYPT_COST: '4',
      PORT: '0',
      NODE_NAME: name,
      LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'silent',
      CORS_ORIGINS: 'https://partner.example',
      ...this.options.env,
    });
    const log = createLogger(config.LOG_LEVEL, name);
    return new Hub({
      config,
      log,
      modules: [about, mail, presence, operator, streams, tickets, ...modules],
      now: this.clock.now,
    });
  }

  /** A new person; by default staff of a branch and organisation of their own, so that tests share a database. */
  async person({ role = 'staff', beside, elsewhereIn }: PersonOptions = {}): Promise<Person> {
    const userId = ulid();
    const orgId = beside?.orgId ?? elsewhereIn?.orgId ?? (await this.organisation());
    const branchId = beside?.branchId ?? (await this.branch(orgId));
    const name = `Person ${userId.slice(-4)}`;
    const email = `${userId.toLowerCase()}@example.test`;
    await this.sql(
      "INSERT INTO users (org_id, id, email, name, status, home_branch_id, created_at) VALUES (?, ?, ?, ?, 'active', ?, NOW(3))",
      [orgId, userId, email, name, branchId],
    );
    await this.sql(
      `INSERT INTO branch_memberships
         (org_id, id, branch_id, user_id, fte_centi, is_primary, from_date, state, open_mark, primary_mark)
       VALUES (?, ?, ?, ?, 100, TRUE, '2026-01-05', 'current', 1, 1)`,
      [orgId, userId, branchId, userId],
    );
    await this.sql('INSERT INTO role_grants (org_id, user_id, role, granted_at) VALUES (?, ?, ?, NOW(3))', [
      orgId,
      userId,
      role,
    ]);
    await this.hub.use(auth).setPassword(orgId, userId, this.passwordHash);
    const { accessToken, sessionId } = await this.hub
      .use(auth)
      .sessions.open(orgId, userId, { name: 'test', ip: '127.0.0.1' });
    return { orgId, branchId, userId, name, email, password: PASSWORD, token: accessToken, sessionId };
  }

  async branch(orgId: string, fence?: { lat: number; lng: number; radiusM: number }): Promise<string> {
    const id = ulid();
    await this.sql(
      `INSERT INTO branches (org_id, id, path, code, name, kind, status, timezone, lat_e7, lng_e7, fence_lat_e7, fence_lng_e7, fence_radius_m)
       VALUES (?, ?, ?, ?, ?, 'branch', 'active', 'Africa/Johannesburg', ?, ?, ?, ?, ?)`,
      [
        orgId,
        id,
        `/${id}/`,
        id.slice(-10),
        `Branch ${id.slice(-4)}`,
        fence ? Math.round(fence.lat * 1e7) : null,
        fence ? Math.round(fence.lng * 1e7) : null,
        fence ? Math.round(fence.lat * 1e7) : null,
        fence ? Math.round(fence.lng * 1e7) : null,
        fence?.radiusM ?? null,
      ],
    );
    return id;
  }

  /** A room's REST table as typed functions; answers are checked against the contract. */
  api<A extends ApiContract>(api: A, person?: Pick<Person, 'token'>, at: TestNode = this): ApiClient<A> {
    return apiClient(at.gateway.url, api, person?.token);
  }

  /** A plain socket.io-client in one namespace of a node, as a third party would connect. */
  async listen(namespace: string, person: Pick<Person, 'token'>, at: TestNode = this): Promise<Listener> {
    const listener = new Listener(at.gateway.url, namespace, person.token);
    this.listeners.push(listener);
    await listener.ready;
    return listener;
  }

  /** Runs a job's handler here and now, as a worker would. */
  async work(job: string, payload: unknown = {}): Promise<void> {
    const handler = this.hub.modules
      .flatMap((module) => module.jobs?.(this.hub.use(module), this.hub) ?? [])
      .find((candidate) => candidate.job.name === job);
    if (!handler) throw new Error(`no room handles ${job}`);
    await handler.run(payload, { log: this.hub.log, attempt: 1, lastAttempt: true });
  }

  /** Sends what waits to be sent, and answers the mails that somebody received, newest first. */
  async mails(to: string): Promise<CaughtMail[]> {
    const waiting = await this.sql<{ id: string; payload: string }>(
      "SELECT id, payload FROM outbox_jobs WHERE name = 'mail.send-mail' AND state = 'open' ORDER BY id",
    );
    for (const { id, payload } of waiting) {
      await this.work('mail.send-mail', JSON.parse(payload));
      await this.sql("UPDATE outbox_jobs SET state = 'done' WHERE id = ?", [id]);
    }
    return (await caughtMails(this.hub.config.MAIL_CAUGHT ?? '', 500)).filter((caught) => caught.to === to);
  }

  async sql<Row>(statement: string, values: unknown[] = []): Promise<Row[]> {
    const [rows] = await this.hub.pool.query(statement, values);
    // Whoever writes the statement knows its columns.
    return rows as Row[];
  }

  private async organisation(): Promise<string> {
    const id = ulid();
    await this.sql(
      `INSERT INTO organisations (id, name, slug, status, timezone, locale, currency, country, created_at)
       VALUES (?, ?, ?, 'active', 'Africa/Johannesburg', 'en-ZA', 'ZAR', 'ZA', NOW(3))`,
      [id, `Organisation ${id.slice(-4)}`, id.toLowerCase()],
    );
    await this.hub.use(licensing).giveAll(id);
    return id;
  }
}

/** Starts a hub before the tests of a file and stops it after them. */
export function testHub(options: TestHubOptions = {}): TestHub {
  const hub = new TestHub(options);
  beforeAll(() => hub.start(), 60_000);
  afterAll(() => hub.stop(), 60_000);
  return hub;
}

/** One database a Jest worker; test files share it, each with organisations of its own. */
export async function freshDatabase(name = `loro_test_${process.env['JEST_WORKER_ID'] ?? '1'}`): Promise<string> {
  const url = new URL(process.env['LORO_TEST_DATABASE_URL'] ?? '');
  const { username, socketPath, host, port, password } = databaseAddress(url.href);
  const connection = await createConnection({
    host,
    port,
    password,
    user: username,
    ...(socketPath !== undefined && { socketPath }),
  });
  await connection.query(`CREATE DATABASE IF NOT EXISTS ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`);
  await connection.end();
  url.pathname = `/${name}`;
  return url.href;
}
