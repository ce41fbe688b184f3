import type { ChainBreak, Verification, VerifyRequest } from '@loro/contracts/journal-proofs';
import type { z } from 'zod';
import { verifyChain } from '@loro/contracts/journal-live';
import {
  type Actor,
  type After,
  allow,
  Conflict,
  type Hub,
  HubError,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import { ChainWalk, GENESIS, type Link } from './chain.policy';
import type { CheckpointService } from './checkpoints.service';
import type { EntryStore } from './entry.store';
import type { OperationStore } from './operation.store';
import { isSignedBy, type Signer } from './signer';
import { VERIFICATION_FAILED, VERIFIED } from './told.policy';

const AT_ONCE = 500;
const SUNDAY = 0;
const PROGRESS_EVERY = 20;

interface VerificationRow {
  readonly id: string;
  readonly kind: Verification['kind'];
  readonly status: Verification['status'];
  readonly isOk: number | null;
  readonly fromSeq: number;
  readonly fromHash: string;
  readonly toSeq: number | null;
  readonly checked: number;
  readonly breaks: string;
  readonly requestedBy: string | null;
  readonly requestedAt: Date;
  readonly finishedAt: Date | null;
}

const COLUMNS = `id, kind, status, is_ok AS isOk, from_seq AS fromSeq, from_hash AS fromHash, to_seq AS toSeq, checked,
  breaks, requested_by AS requestedBy, requested_at AS requestedAt, finished_at AS finishedAt`;

interface Ask {
  readonly orgId: string;
  readonly kind: Verification['kind'];
  readonly from: Link;
  readonly requestedBy: string | null;
}

/** Checks chains: on demand, every day since the last good check, every Sunday whole. */
export class VerifyService {
  constructor(
    private readonly hub: Hub,
    private readonly by: {
      readonly entries: EntryStore;
      readonly checkpoints: CheckpointService;
      readonly operations: OperationStore;
      readonly signer: Signer;
    },
  ) {}

  /** @throws Conflict VERIFY_RUNNING, HubError JOURNAL_PRUNED */
  async ask(actor: Actor, { fromSeq, fromHash }: z.output<typeof VerifyRequest>): Promise<Verification> {
    allow(actor, 'journal.verify');
    const { orgId, userId } = actor;
    const pruned = await this.by.entries.prunedThrough(orgId);
    if (fromSeq !== undefined && pruned && fromSeq < pruned.seq)
      throw new HubError('JOURNAL_PRUNED', `Entries through ${pruned.seq} were let go of.`);
    const from =
      fromSeq !== undefined && fromHash !== undefined ? { seq: fromSeq, hash: fromHash } : await this.start(orgId);
    return this.hub.transact(async (after) => this.queue({ orgId, kind: 'asked', from, requestedBy: userId }, after));
  }

  async get(actor: Actor, id: string): Promise<Verification> {
    allow(actor, 'journal.verify');
    return present(await this.row(actor.orgId, id));
  }

  async list(
    actor: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<Verification>> {
    allow(actor, 'journal.verify');
    const before = this.hub.cursors.decode('journal-verifications', cursor);
    const rows = await this.hub.select<VerificationRow>(
      `SELECT ${COLUMNS} FROM journal_verifications WHERE org_id = :orgId ${before ? 'AND id < :id' : ''}
       ORDER BY id DESC LIMIT :limit`,
      { orgId: actor.orgId, id: before?.[0], limit: limit + 1 },
    );
    return pageOf(rows, limit, ({ id }) => this.hub.cursors.encode('journal-verifications', [id]), present);
  }

  /** Queues a check of every chain. One that is being checked already is passed by. */
  async askAll(tick: string | undefined): Promise<void> {
    const isWhole = (tick ? new Date(tick) : this.hub.now()).getUTCDay() === SUNDAY;
    const chains = await this.hub.select<{ orgId: string }>('SELECT org_id AS orgId FROM journal_heads');
    for (const { orgId } of chains) {
      const from = (isWhole ? null : await this.lastGood(orgId)) ?? (await this.start(orgId));
      const kind = isWhole ? 'full' : 'daily';
      await this.hub
        .transact(async (after) => this.queue({ orgId, kind, from, requestedBy: null }, after))
        .catch((error: unknown) => {
          if (!(error instanceof Conflict)) throw error;
        });
    }
  }

  /** What the job asks for. A worker that died in the middle left it open: then it begins anew. */
  async run(orgId: string, id: string, isLastTry: boolean): Promise<void> {
    const row = await this.row(orgId, id);
    if (row.status === 'done' || row.status === 'failed') return;
    try {
      await this.check(orgId, row);
    } catch (error) {
      if (isLastTry)
        await this.hub.sequelize.query(
          "UPDATE journal_verifications SET status = 'failed', finished_at = :at, is_open = NULL WHERE org_id = :orgId AND id = :id",
          { replacements: { orgId, id, at: this.hub.now() } },
        );
      throw error;
    }
  }

  private async check(orgId: string, row: VerificationRow): Promise<void> {
    const { id } = row;
    const { head, last } = await this.by.entries.ends(orgId);
    await this.hub.sequelize.query(
      "UPDATE journal_verifications SET status = 'running', to_seq = :last WHERE org_id = :orgId AND id = :id",
      { replacements: { orgId, id, last } },
    );
    const from = { seq: row.fromSeq, hash: row.fromHash };
    const walk = await this.walk(orgId, { from, last, head, id });
    await this.finish(orgId, row, walk);
  }

  private async walk(
    orgId: string,
    { from, last, head, id }: { from: Link; last: number; head: Link | null; id: string },
  ) {
    const signed = new Map<number, string[]>();
    const keys = await this.by.signer.publicKeys();
    const forged: ChainBreak[] = [];
    for (const { seq, hash, signed: text, signature, keyId } of await this.by.checkpoints.known(orgId)) {
      if (!isSignedBy(keys.get(keyId), text, signature) || !says(text, { seq, hash }))
        forged.push({ seq, code: 'SIGNATURE_INVALID' });
      else signed.set(seq, [...new Set([...(signed.get(seq) ?? []), hash])]);
    }
    const walk = new ChainWalk(from, signed);
    for (const found of forged) walk.report(found);
    if (from.seq > last) {
      walk.report({ seq: last + 1, code: 'TRUNCATED', expected: String(from.seq), found: String(last) });
      return walk;
    }
    await this.holdStart(orgId, from, walk);
    for (let chunk = 1; ; chunk += 1) {
      const rows = await this.by.entries.sealed(orgId, walk.at.seq, last, AT_ONCE);
      for (const row of rows) walk.take(row);
      for (const found of await this.by.operations.brokenBatches(orgId, rows)) walk.report(found);
      if (rows.length < AT_ONCE) break;
      if (chunk % PROGRESS_EVERY === 0) await this.progress(orgId, id, walk.checked);
    }
    walk.end(head, [...signed.keys()]);
    return walk;
  }

  /** The point that the caller kept must be in the chain as it was. */
  private async holdStart(orgId: string, from: Link, walk: ChainWalk): Promise<void> {
    const isGone = ((await this.by.entries.prunedThrough(orgId))?.seq ?? 0) >= from.seq;
    if (isGone) return;
    const [first] = await this.by.entries.sealed(orgId, from.seq - 1, from.seq, 1);
    if (!first) walk.report({ seq: from.seq, code: 'SEQ_GAP', expected: String(from.seq), found: 'none' });
    else if (first.hash !== from.hash)
      walk.report({ seq: from.seq, code: 'HASH_MISMATCH', expected: from.hash, found: first.hash });
  }

  private async progress(orgId: string, id: string, checked: number): Promise<void> {
    await this.hub.sequelize.query(
      'UPDATE journal_verifications SET checked = :checked WHERE org_id = :orgId AND id = :id',
      { replacements: { orgId, id, checked } },
    );
  }

  private async finish(orgId: string, row: VerificationRow, { breaks, checked, at }: ChainWalk): Promise<void> {
    const found = breaks.toSorted((a, b) => a.seq - b.seq);
    const [first] = found;
    const isOk = first === undefined;
    await this.hub.transact(async (after) => {
      await this.hub.sequelize.query(
        `UPDATE journal_verifications SET status = 'done', is_ok = :isOk, checked = :checked, breaks = :breaks,
           to_seq = :seq, to_hash = :hash, finished_at = :now, is_open = NULL WHERE org_id = :orgId AND id = :id`,
        {
          replacements: { orgId, id: row.id, isOk, checked, breaks: JSON.stringify(found), ...at, now: this.hub.now() },
        },
      );
      after.record({
        type: 'system_event',
        action: isOk ? VERIFIED : VERIFICATION_FAILED,
        outcome: isOk ? 'success' : 'failure',
        severity: isOk ? 'info' : 'critical',
        orgId,
        entity: { type: 'journal-verification', id: row.id },
        data: { verificationId: row.id, isOk, checked, firstBadSeq: first?.seq, code: first?.code },
      });
    });
    if (!isOk) this.hub.log.error({ orgId, verificationId: row.id, ...first }, 'the journal does not verify');
  }

  private async queue({ orgId, kind, from, requestedBy }: Ask, after: After): Promise<Verification> {
    const id = ulid(this.hub.now().getTime());
    await this.hub.sequelize
      .query(
        `INSERT INTO journal_verifications (org_id, id, kind, status, from_seq, from_hash, breaks, requested_by, requested_at)
         VALUES (:orgId, :id, :kind, 'queued', :seq, :hash, '[]', :requestedBy, :at)`,
        { replacements: { orgId, id, kind, ...from, requestedBy, at: this.hub.now() } },
      )
      .catch(onDuplicate((cause) => new Conflict('VERIFY_RUNNING', 'A check of this journal is running.', { cause })));
    after.enqueue(verifyChain, { orgId, verificationId: id });
    if (requestedBy !== null)
      after.record({
        type: 'user_action',
        action: 'journal.verification-asked',
        entity: { type: 'journal-verification', id },
        data: { fromSeq: from.seq },
      });
    return present(await this.row(orgId, id));
  }

  private async start(orgId: string): Promise<Link> {
    const { seq, hash } = (await this.by.entries.prunedThrough(orgId)) ?? { seq: 0, hash: GENESIS };
    return { seq, hash };
  }

  private async lastGood(orgId: string): Promise<Link | null> {
    const [good] = await this.hub.select<Link>(
      `SELECT v.to_seq AS seq, v.to_hash AS hash FROM journal_verifications v WHERE v.org_id = :orgId AND v.is_ok = 1 AND v.kind <> 'asked'
         AND v.to_seq >= COALESCE((SELECT MAX(t.through_seq) FROM journal_tickets t WHERE t.org_id = :orgId), 0)
       ORDER BY v.to_seq DESC LIMIT 1`,
      { orgId },
    );
    return good ?? null;
  }

  private async row(orgId: string, id: string): Promise<VerificationRow> {
    const [row] = await this.hub.select<VerificationRow>(
      `SELECT ${COLUMNS} FROM journal_verifications WHERE org_id = :orgId AND id = :id`,
      { orgId, id },
    );
    if (!row) throw new NotFound('This check');
    return row;
  }
}

/** A signature proves the text, and the columns beside it must say the same. */
function says(text: string, { seq, hash }: Link): boolean {
  const said: unknown = JSON.parse(text);
  return (
    typeof said === 'object' && said !== null && Reflect.get(said, 'seq') === seq && Reflect.get(said, 'hash') === hash
  );
}

function present(row: VerificationRow): Verification {
  const breaks: ChainBreak[] = JSON.parse(row.breaks);
  const [first] = breaks;
  const { fromHash: _, ...rest } = row;
  return {
    ...rest,
    isOk: row.isOk === null ? null : row.isOk === 1,
    firstBadSeq: first?.seq ?? null,
    code: first?.code ?? null,
    breaks,
    requestedAt: row.requestedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}
