import type { Checkpoint, SignedPoint } from '@loro/contracts/journal-proofs';
import { signCheckpoints } from '@loro/contracts/journal-live';
import { type Actor, type After, allow, type Hub, type Page, pageOf, ulid } from '../../platform';
import { Anchors } from './anchors.store';
import { HUB_JOURNAL } from './draft.policy';
import type { OutsideAnchors } from './outside-anchors.service';
import { GENESIS, type Link } from './chain.policy';
import type { EntryStore } from './entry.store';
import type { Signer } from './signer';

const EVERY = 1_000;
const AT_ONCE = 500;

interface CheckpointRow extends Link {
  readonly orgId: string;
  readonly id: string;
  readonly entryCount: number;
  readonly at: Date;
  readonly signed: string;
  readonly keyId: string;
  readonly signature: string;
  readonly anchors: string;
}

const COLUMNS = `org_id AS orgId, id, seq, hash, entry_count AS entryCount, at, signed, key_id AS keyId, signature, anchors`;

/**
 * Signed points of the chains. A chain alone cannot see that its end was cut off, or that all of it was written anew;
 * signatures that stand elsewhere can.
 */
export class CheckpointService {
  readonly anchors: Anchors;

  constructor(
    private readonly hub: Hub,
    private readonly by: {
      readonly entries: EntryStore;
      readonly signer: Signer;
      readonly outside: OutsideAnchors;
    },
  ) {
    this.anchors = new Anchors(hub.config.JOURNAL_DIR);
  }

  /** The end of the chain, for the reader to keep: nobody who is shown less later was shown the truth. */
  async head(actor: Actor): Promise<SignedPoint> {
    allow(actor, 'journal.verify');
    const { orgId } = actor;
    const { seq, hash } = (await this.by.entries.head(orgId)) ?? { seq: 0, hash: GENESIS };
    const at = this.hub.now().toISOString();
    return { seq, hash, at, ...(await this.by.signer.sign('loro.journal.head.v1', { orgId, seq, hash, at })) };
  }

  async list(
    actor: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<Checkpoint>> {
    allow(actor, 'journal.verify');
    const before = this.hub.cursors.decode('journal-checkpoints', cursor);
    const rows = await this.hub.select<CheckpointRow>(
      `SELECT ${COLUMNS} FROM journal_checkpoints WHERE org_id = :orgId ${before ? 'AND seq < :seq' : ''}
       ORDER BY seq DESC LIMIT :limit`,
      { orgId: actor.orgId, seq: before?.[0], limit: limit + 1 },
    );
    const keys = await this.by.signer.publicKeys();
    return pageOf(
      rows,
      limit,
      ({ seq }) => this.hub.cursors.encode('journal-checkpoints', [seq]),
      ({ id, seq, hash, entryCount, at, signed, keyId, signature, anchors }) => ({
        id,
        seq,
        hash,
        entryCount,
        at: at.toISOString(),
        signed,
        keyId,
        publicKey: keys.get(keyId) ?? '',
        signature,
        anchors: JSON.parse(anchors),
      }),
    );
  }

  /** In the sealer's transaction: signs every thousandth entry that it passes. */
  async passed(orgId: string, sealed: readonly Link[], after: After): Promise<void> {
    const due = sealed.filter(({ seq }) => seq % EVERY === 0);
    for (const link of due) await this.sign(orgId, link);
    if (due.length > 0) after.enqueue(signCheckpoints, {});
  }

  /** Signs where every chain stands that grew since, and puts what is signed outside the database. */
  async signAll(): Promise<void> {
    const grown = await this.hub.select<Link & { orgId: string }>(
      `SELECT h.org_id AS orgId, h.seq, h.hash FROM journal_heads h WHERE h.seq > COALESCE(
         (SELECT MAX(c.seq) FROM journal_checkpoints c WHERE c.org_id = h.org_id), 0)`,
    );
    for (const { orgId, ...link } of grown) await this.sign(orgId, link);
    await this.anchor();
  }

  async anchor(): Promise<void> {
    for (;;) {
      const rows = await this.hub.select<CheckpointRow>(
        `SELECT ${COLUMNS} FROM journal_checkpoints WHERE unanchored = 1 ORDER BY org_id, seq LIMIT ${AT_ONCE}`,
      );
      for (const { orgId, id, signed, keyId, signature } of rows) {
        const ref = await this.anchors.keep(orgId, { signed, keyId, publicKey: this.by.signer.publicKey, signature });
        await this.hub.transact(async (after) => {
          await this.hub.sequelize.query(
            `UPDATE journal_checkpoints SET anchors = :anchors, anchored_at = :at, unanchored = NULL
             WHERE org_id = :orgId AND id = :id`,
            { replacements: { orgId, id, anchors: JSON.stringify([{ kind: 'file', ref }]), at: this.hub.now() } },
          );
          if (orgId !== HUB_JOURNAL) await this.by.outside.ask({ orgId, id }, after);
        });
      }
      if (rows.length < AT_ONCE) return;
    }
  }

  private async sign(orgId: string, { seq, hash }: Link): Promise<void> {
    const at = this.hub.now();
    const entryCount = seq - ((await this.by.entries.prunedThrough(orgId))?.seq ?? 0);
    const said = { orgId, seq, hash, entryCount, at: at.toISOString() };
    const { signed, keyId, signature } = await this.by.signer.sign('loro.journal.checkpoint.v1', said);
    await this.hub.sequelize.query(
      `INSERT IGNORE INTO journal_checkpoints (org_id, id, seq, hash, entry_count, at, signed, key_id, signature, anchors)
       VALUES (:orgId, :id, :seq, :hash, :entryCount, :at, :signed, :keyId, :signature, '[]')`,
      { replacements: { orgId, id: ulid(at.getTime()), seq, hash, entryCount, at, signed, keyId, signature } },
    );
  }

  /** Every signed point of a chain that is known, in the database or outside it. */
  async known(orgId: string): Promise<(Link & Pick<CheckpointRow, 'signed' | 'keyId' | 'signature'>)[]> {
    const rows = await this.hub.select<CheckpointRow>(
      `SELECT ${COLUMNS} FROM journal_checkpoints WHERE org_id = :orgId ORDER BY seq`,
      { orgId },
    );
    return [...rows, ...(await this.anchors.read(orgId))];
  }
}
