import { compare, hash } from 'bcrypt';
import { Unavailable } from '../../platform';

const AT_ONCE = 4;
const QUEUE = 50;

/**
 * Password hashes `v1$<bcrypt>`: bcrypt over base64(HMAC-SHA-256(pepper, NFKC(password))). The 44 characters stay below
 * bcrypt's 72 bytes, beyond which two different passwords would verify as equal.
 */
export class Passwords {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private dummy: Promise<string> | undefined;

  constructor(
    private readonly pepper: (text: string) => Buffer,
    private readonly cost: number,
  ) {}

  async hash(password: string): Promise<string> {
    return this.inTurn(async () => `v1$${await hash(this.prepare(password), this.cost)}`);
  }

  /** Compares against `stored`, or for the same time against nothing when there is no such account. */
  async verify(password: string, stored: string | null): Promise<boolean> {
    const against = stored ?? (await this.nobodys());
    const matches = await this.inTurn(() => compare(this.prepare(password), against.replace(/^v1\$/, '')));
    return matches && stored !== null;
  }

  /** What unknown accounts are compared against; made before the first one comes, so that it takes no longer. */
  nobodys(): Promise<string> {
    this.dummy ??= this.hash('nobody has this password').catch((error: unknown) => {
      this.dummy = undefined;
      throw error;
    });
    return this.dummy;
  }

  /** Whether a hash was made with other parameters than new ones are; its next right password is hashed anew. */
  isOutdated(stored: string): boolean {
    const made = /^v1\$\$2[aby]\$(\d{2})\$/.exec(stored);
    return Number(made?.[1]) !== this.cost;
  }

  private prepare(password: string): string {
    return this.pepper(password.normalize('NFKC')).toString('base64');
  }

  // bcrypt works on libuv's four threads; more at once would starve files and DNS.
  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= AT_ONCE) {
      if (this.waiting.length >= QUEUE)
        throw new Unavailable('AUTH_BUSY', 'Many people are signing in. Please try again.', { retryAfterMs: 2_000 });
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else this.running += 1;
    try {
      return await work();
    } finally {
      // The slot is handed on, not freed, so that a newcomer cannot slip in between.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
