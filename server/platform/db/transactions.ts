import { setTimeout as sleep } from 'node:timers/promises';
import { Transaction } from 'sequelize';
import type { Sequelize } from 'sequelize-typescript';
import { context, within } from '../context';
import { outsideTransaction } from './connect';

/** What a unit of work collects beside its rows; `write` puts it into the same transaction, last. */
export interface UnitWork<Effects, Written> {
  begin(): Effects;
  write(effects: Effects): Promise<Written>;
  /** Runs after the commit, and is not waited for. */
  deliver(written: Written): void;
}

const RETRIES = 3;

/** A unit under way. What was started in one and outlives it, such as a timer, must not join it. */
class Unit<Effects> {
  isOver = false;

  constructor(
    readonly owner: unknown,
    readonly effects: Effects,
    readonly transaction: Transaction,
  ) {}
}

/** Transactions that nest by joining, retry as a whole on a deadlock, and deliver their effects after the commit. */
export class Transactions<Effects, Written> {
  constructor(
    private readonly sequelize: Sequelize,
    private readonly work: UnitWork<Effects, Written>,
  ) {}

  async transact<T>(body: (effects: Effects) => Promise<T>): Promise<T> {
    const outer = this.unit;
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
    if (this.unit) return body();
    return within({}, () =>
      this.sequelize.transaction({ isolationLevel: Transaction.ISOLATION_LEVELS.REPEATABLE_READ }, body),
    );
  }

  /** The transaction that the caller stands in. */
  get current(): Transaction | undefined {
    return this.unit?.transaction;
  }

  private get unit(): Unit<Effects> | undefined {
    const { unit } = context();
    // Its owner is this object, so its effects are of this kind.
    return unit instanceof Unit && unit.owner === this && !unit.isOver ? (unit as Unit<Effects>) : undefined;
  }

  private async once<T>(body: (effects: Effects) => Promise<T>): Promise<T> {
    return within({}, async () => {
      const { result, written } = await this.sequelize.transaction(
        { isolationLevel: Transaction.ISOLATION_LEVELS.REPEATABLE_READ },
        (transaction) => this.inUnit(transaction, body),
      );
      outsideTransaction(() => this.work.deliver(written));
      return result;
    });
  }

  private async inUnit<T>(transaction: Transaction, body: (effects: Effects) => Promise<T>) {
    const unit = new Unit(this, this.work.begin(), transaction);
    try {
      const result = await within({ unit }, () => body(unit.effects));
      return { result, written: await this.work.write(unit.effects) };
    } finally {
      unit.isOver = true;
    }
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
