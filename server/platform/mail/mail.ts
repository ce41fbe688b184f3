import { sendMail } from '@loro/contracts/mail';
import { createTransport, type Transporter } from 'nodemailer';
import { z } from 'zod';
import type { Config } from '../config';
import { Unavailable } from '../errors';
import type { After } from '../outbox/effects';
import type { Secrets } from '../secrets';
import { ulid } from '../ulid';

const Post = z.object({
  to: z.email(),
  subject: z.string().min(1).max(200),
  /** Plain text; one thought a paragraph, links in full. */
  text: z.string().min(1).max(20_000),
});
/** A mail to one person. */
export type Post = z.input<typeof Post>;

/**
 * Mails as rooms send them: asked for in a transaction, sealed in the outbox, handed to the SMTP server by a worker. A
 * job that runs twice sends the same Message-ID twice, which mail programs show once.
 */
export class Mail {
  private transport: Transporter | undefined;

  constructor(
    private readonly config: Pick<Config, 'SMTP_URL' | 'MAIL_FROM'>,
    private readonly secrets: Secrets,
  ) {}

  /** Sends `post` once the transaction of `after` is committed. */
  post(after: After, post: Post): void {
    const sealed = this.secrets.seal('mail', JSON.stringify(Post.parse(post)));
    after.enqueue(sendMail, { id: ulid(), sealed: sealed.toString('base64') });
  }

  /** @throws Unavailable where no SMTP server is named; the job is tried again */
  async deliver({ id, sealed }: z.output<typeof sendMail.payload>): Promise<void> {
    const { SMTP_URL: url, MAIL_FROM: from } = this.config;
    if (url === undefined) throw new Unavailable('DEPENDENCY_DOWN', 'No SMTP server is named: set SMTP_URL.');
    const post = Post.parse(JSON.parse(this.secrets.open('mail', Buffer.from(sealed, 'base64'))));
    this.transport ??= createTransport({ url, pool: true, maxConnections: 2 });
    const host = from.split('@').at(-1)?.replace(/>$/, '') ?? 'loro';
    await this.transport.sendMail({ ...post, from, messageId: `<${id.toLowerCase()}@${host}>` });
  }

  close(): void {
    this.transport?.close();
  }
}
