import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Transaction } from 'sequelize';
import type { Sequelize } from 'sequelize-typescript';
import { outsideTransaction } from './connect';

/** What a unit of work collects beside its rows; `write` puts it into the same transaction, last. */
export interface UnitWork<Effects, Written> {
  begin(): Effects;
  write(effects: Effects): Promise<Written>;
  /** Runs after the commit, and is not waited for. */
  deliver(written: Written): void;
}

const RETRIES = 3;

/** Transactions that nest by joining, retry as a whole on a deadlock, and deliver their effects after the commit. */
export class Transactions<Effects, Written> {
  private readonly units = new AsyncLocalStorage<{ effects: Effects; transaction: Transaction }>();

  constructor(
    private readonly sequelize: Sequelize,
    private readonly work: UnitWork<Effects, Written>,
  ) {}

  async transact<T>(body: (effects: Effects) => Promise<T>): Promise<T> {
    const outer = this.units.getStore();
    if (outer) return body(outer.effects);

    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.once(body);
      } catch (error) {
        if (attempt >= RETRIES || !isDeadlock(error)) throw error;
        await sleep(attempt * 10 + Math.random() * 20);
      }
    }
  }

  /** Reads that see one moment; log heads read here belong to the rows read here. */
  async snapshot<T>(body: () => Promise<T>): Promise<T> {
    if (this.units.getStore()) return body();
    return this.sequelize.transaction({ isolationLevel: Transaction.ISOLATION_LEVELS.REPEATABLE_READ }, body);
  }

  /** The transaction that the caller stands in. */
  get current(): Transaction | undefined {
    return this.units.getStore()?.transaction;
  }

  private async once<T>(body: (effects: Effects) => Promise<T>): Promise<T> {
    const { result, written } = await this.sequelize.transaction(
      { isolationLevel: Transaction.ISOLATION_LEVELS.REPEATABLE_READ },
      async (transaction) => {
        const effects = this.work.begin();
        const answer = await this.units.run({ effects, transaction }, () => body(effects));
        return { result: answer, written: await this.work.write(effects) };
      },
    );
    outsideTransaction(() => this.work.deliver(written));
    return result;
  }
}

/** Deadlock (1213) and lock wait timeout (1205): the whole unit may be tried again. */
export function isDeadlock(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; depth += 1) {
    if ('errno' in at && (at.errno === 1213 || at.errno === 1205)) return true;
    at = 'parent' in at ? at.parent : at.cause;
  }
  return false;
}
