import type { Checkpoint } from '@loro/contracts/journal-proofs';
import { anchorOutside } from '@loro/contracts/journal-live';
import type { z } from 'zod';
import type { After, Hub, JournalNote } from '../../platform';
import { configuration } from '../configuration';
import { people } from '../people';
import type { Signature } from './signer';

type Anchor = Checkpoint['anchors'][number];
type Kind = z.output<typeof anchorOutside.payload>['kind'];
/** A signed point, and whose chain it is of. */
interface Point extends Signature {
  readonly orgId: string;
  readonly id: string;
  readonly seq: number;
}

const WRONG = { type: 'system_event', action: 'checkpoint.not-anchored', severity: 'error' } as const;

/**
 * Puts signed points where neither this database nor this machine reaches them any more: into the mailboxes of the
 * owners, a webhook, the organisation's own storage. Each place is a job of its own, so that one which is away holds up
 * no other.
 */
export class OutsideAnchors {
  constructor(private readonly hub: Hub) {}

  /** In the caller's transaction: asks for what the organisation wants. */
  async ask({ orgId, id }: Pick<Point, 'orgId' | 'id'>, after: After): Promise<void> {
    for (const kind of await this.kindsOf(orgId)) after.enqueue(anchorOutside, { orgId, checkpointId: id, kind });
  }

  /** Safe to run twice: a point that is there already is not sent again, unless a worker died in between. */
  async put(orgId: string, checkpointId: string, kind: Kind, isLastTry: boolean): Promise<void> {
    const point = await this.find(orgId, checkpointId);
    if (!point || point.anchors.some((anchor) => anchor.kind === kind)) return;
    try {
      const ref = await this.hand(point, kind);
      if (ref !== null) await this.keep(point, { kind, ref });
    } catch (error) {
      if (isLastTry) await this.tellFailure(point, kind);
      throw error;
    }
  }

  private async kindsOf(orgId: string): Promise<Kind[]> {
    const settings = this.hub.use(configuration);
    const [isMailed, webhook, isStored] = await Promise.all([
      settings.value('journal.anchor-mail', { orgId }),
      settings.value('journal.anchor-webhook', { orgId }),
      settings.value('journal.anchor-storage', { orgId }),
    ]);
    return [
      ...(isMailed ? (['email'] as const) : []),
      ...(webhook === '' ? [] : (['webhook'] as const)),
      ...(isStored ? (['s3'] as const) : []),
    ];
  }

  /** @returns where it stands; null where it is not wanted there any more */
  private async hand(point: Point, kind: Kind): Promise<string | null> {
    if (kind === 'email') return this.mail(point);
    if (kind === 'webhook') return this.post(point);
    return this.store(point);
  }

  private async mail(point: Point): Promise<string | null> {
    const { ownerId, name } = await this.hub.use(people).organisationOf(point.orgId);
    if (ownerId === null) return null;
    const { email } = await this.hub.use(people).byId(point.orgId, ownerId);
    await this.hub.transact(async (after) =>
      this.hub.mail.post(after, {
        to: email,
        subject: `Checkpoint ${point.seq} of the journal of ${name}`,
        text: [
          'Keep this mail: whoever changes the journal later cannot change what stands here.',
          textOf(point),
          'The signature is Ed25519, in base64, over the line “signed” as it stands; `POST /journal/verify` compares.',
        ].join('\n\n'),
      }),
    );
    return email;
  }

  private async post(point: Point): Promise<string | null> {
    const url = await this.hub.use(configuration).value('journal.anchor-webhook', { orgId: point.orgId });
    if (url === '') return null;
    const body = textOf(point);
    const { status } = await this.hub.outgoing.text(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) },
      body,
    });
    if (status < 200 || status >= 300) throw new Error(`the webhook of checkpoints answered ${status}`);
    return url;
  }

  private async store(point: Point): Promise<string> {
    const { store, target } = await this.hub.use(configuration).storage.placeFor(point.orgId, 'exports');
    const key = `journal/checkpoints/${String(point.seq).padStart(12, '0')}.json`;
    const body = Buffer.from(textOf(point));
    await store.put(key, body, { type: 'application/json', size: body.length });
    return target ? `${target.name}: ${key}` : key;
  }

  private async find(orgId: string, id: string): Promise<(Point & { readonly anchors: readonly Anchor[] }) | null> {
    const [row] = await this.hub.select<Omit<Point, 'publicKey'> & { anchors: string; publicKey: string | null }>(
      `SELECT c.org_id AS orgId, c.id, c.seq, c.signed, c.key_id AS keyId, c.signature, c.anchors,
         k.public_key AS publicKey
       FROM journal_checkpoints c LEFT JOIN journal_signing_keys k ON k.key_id = c.key_id
       WHERE c.org_id = :orgId AND c.id = :id`,
      { orgId, id },
    );
    return row ? { ...row, publicKey: row.publicKey ?? '', anchors: JSON.parse(row.anchors) } : null;
  }

  /** Beside the anchors that other jobs have added meanwhile. */
  private async keep({ orgId, id }: Point, anchor: Anchor): Promise<void> {
    await this.hub.transact(async () => {
      const [row] = await this.hub.select<{ anchors: string }>(
        'SELECT anchors FROM journal_checkpoints WHERE org_id = :orgId AND id = :id FOR UPDATE',
        { orgId, id },
      );
      if (!row) return;
      const anchors: Anchor[] = JSON.parse(row.anchors);
      await this.hub.sequelize.query(
        'UPDATE journal_checkpoints SET anchors = :anchors WHERE org_id = :orgId AND id = :id',
        { replacements: { orgId, id, anchors: JSON.stringify([...anchors, anchor]) } },
      );
    });
  }

  private async tellFailure({ orgId, id, seq }: Point, kind: Kind): Promise<void> {
    const note: JournalNote = { ...WRONG, orgId, entity: { type: 'checkpoint', id }, data: { seq, kind } };
    await this.hub.transact(async (after) => after.record(note));
  }
}

const textOf = ({ signed, keyId, publicKey, signature }: Signature): string =>
  JSON.stringify({ signed, keyId, publicKey, signature });
