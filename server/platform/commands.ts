import { createHash } from 'node:crypto';
import { QueryTypes } from 'sequelize';
import type { Sequelize } from 'sequelize-typescript';
import type { Actor } from './actor';
import { Conflict, Invalid } from './errors';
import { canonicalJson } from './json';
import type { Transactions } from './db/transactions';
import { causedBy } from './observe/trace';
import type { Secrets } from './secrets';

/** JSON never begins so. */
const SEALED = 'sealed ';

interface Command {
  readonly actor: Actor;
  readonly id: string;
  /** The parsed input; the same for the REST call and its socket twin. */
  readonly input: unknown;
}

/**
 * Commands that happen once, whichever way and however often they are sent. The stored answer is a row of the same
 * transaction as the effect; a named lock keeps a twin out until that row can be seen.
 */
export class Commands {
  constructor(
    private readonly sequelize: Sequelize,
    private readonly transactions: Pick<Transactions<unknown, unknown>, 'transact' | 'current'>,
    private readonly now: () => Date,
    private readonly secrets: Pick<Secrets, 'seal' | 'open'>,
  ) {}

  /**
   * What `work` publishes and enqueues carries the command's id as its cause.
   * @throws Conflict IDEMPOTENCY_IN_PROGRESS while a twin runs
   * @throws Invalid IDEMPOTENCY_KEY_REUSED for another input under the same id
   */
  async once<T>({ actor, id, input }: Command, work: () => Promise<T>): Promise<{ data: T; replayed: boolean }> {
    const fingerprint = createHash('sha256').update(canonicalJson(input)).digest('hex');
    const lock = createHash('sha1').update(`${actor.orgId}:${actor.userId}:${id}`).digest('hex');
    let unlock = async (): Promise<void> => {};
    try {
      return await this.transactions.transact(async () => {
        // A retry after a deadlock runs on another connection, and the first one still holds the lock.
        await unlock();
        unlock = await this.lock(lock);
        const [stored] = await this.sequelize.query<{ fingerprint: string; answer: string | null }>(
          'SELECT fingerprint, answer FROM commands WHERE org_id = :orgId AND actor_id = :userId AND id = :id',
          { type: QueryTypes.SELECT, replacements: { orgId: actor.orgId, userId: actor.userId, id } },
        );
        if (stored && stored.fingerprint !== fingerprint)
          throw new Invalid('IDEMPOTENCY_KEY_REUSED', 'This key was used for another command.');
        // The answer was stored by this very call, so it has the type that the call answers.
        if (stored)
          return {
            data: (stored.answer === null ? undefined : JSON.parse(this.open(stored.answer))) as T,
            replayed: true,
          };

        const data = await causedBy(id, work);
        await this.sequelize.query(
          'INSERT INTO commands (org_id, actor_id, id, fingerprint, answer, at) VALUES (?, ?, ?, ?, ?, ?)',
          {
            replacements: [
              actor.orgId,
              actor.userId,
              id,
              fingerprint,
              data === undefined ? null : this.seal(JSON.stringify(data)),
              this.now(),
            ],
          },
        );
        return { data, replayed: false };
      });
    } finally {
      void unlock();
    }
  }

  /** Forgets answers older than a day. */
  async tidy(): Promise<void> {
    await this.sequelize.query('DELETE FROM commands WHERE at < :before LIMIT 10000', {
      replacements: { before: new Date(this.now().getTime() - 86_400_000) },
    });
  }

  // Some answers hold what is shown once and kept nowhere, such as the secret of a key.
  private seal(answer: string): string {
    return SEALED + this.secrets.seal('commands', answer).toString('base64');
  }

  private open(answer: string): string {
    if (!answer.startsWith(SEALED)) return answer;
    return this.secrets.open('commands', Buffer.from(answer.slice(SEALED.length), 'base64'));
  }

  private async lock(name: string): Promise<() => Promise<void>> {
    const [row] = await this.sequelize.query<{ got: number }>('SELECT GET_LOCK(:name, 0) AS got', {
      type: QueryTypes.SELECT,
      replacements: { name },
    });
    if (row?.got !== 1) throw new Conflict('IDEMPOTENCY_IN_PROGRESS', 'A call with this key is under way.');
    // The lock belongs to the connection and must outlive the commit, after which Sequelize lends the connection to
    // somebody else. Sending the release on it is harmless to them: a lock is no part of a transaction.
    const connection = Reflect.get(this.transactions.current ?? {}, 'connection') as
      | { query(sql: string, values: string[], done: (error: Error | null) => void): void }
      | undefined;
    return () =>
      new Promise((resolve) => {
        if (connection) connection.query('SELECT RELEASE_LOCK(?)', [name], () => resolve());
        else resolve();
      });
  }
}
