import type { SignedPoint, Verification } from '@loro/contracts/journal-proofs';
import { useEffect, useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { describeProblem } from '../../app/problem';
import { useAction } from '../../app/use-action';
import { useHeard } from '../../app/use-heard';
import { usePages } from '../../app/use-pages';
import { useRequest } from '../../app/use-request';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { download } from '../../ui/download';
import { formatCount, formatMoment } from '../../ui/format';
import { Meter } from '../../ui/meter';
import { Failed, Panel, Skeleton } from '../../ui/panel';
import { useNames } from '../people/use-names';

const WATCH_EVERY_MS = 1_000;
const kinds = { asked: 'Asked for', daily: 'Daily', full: 'Sunday, whole' } as const;

/** That the journal is as it was written: checks of the chain, and its end under the hub's signature. */
export function ProofPanels() {
  const [finished, setFinished] = useState(0);
  return (
    <div className="split proof">
      <Checks onFinished={() => setFinished((count) => count + 1)} />
      <Head key={finished} />
    </div>
  );
}

function Checks({ onFinished }: { onFinished: () => void }) {
  const { busy, run } = useAction();
  const pages = usePages<Verification>((input) => hub.journal.verifications(input), { limit: 10 });
  useHeard((heard) => [hub.journal.on('journal:verified', heard)], pages.retry);
  const rows = pages.rows ?? [];
  const names = useNames(rows.map(({ requestedBy }) => requestedBy));
  const isUnderWay = rows.some(({ status }) => status === 'queued' || status === 'running');
  const { retry } = pages;

  // A check says by no event how far it is.
  useEffect(() => {
    if (!isUnderWay) return;
    const timer = setInterval(retry, WATCH_EVERY_MS);
    return () => {
      clearInterval(timer);
      onFinished();
    };
    // `onFinished` is a new function with every render, and does the same.
  }, [isUnderWay, retry]);

  const verify = async () => {
    await run('verify', () => hub.journal.verify({}));
    retry();
  };
  return (
    <PagedPanel
      title="Checks of the chain"
      aside={
        <Button kind="primary" busy={busy !== null || isUnderWay} onClick={() => void verify()}>
          Check it now
        </Button>
      }
      pages={pages}
      empty={{ icon: 'check', title: 'Never checked', text: 'The hub checks every day by itself.' }}
    >
      {(shown) => (
        <ul className="row-list">
          {shown.map((check) => (
            <li key={check.id}>
              <CheckRow check={check} by={names.get(check.requestedBy ?? '')} />
            </li>
          ))}
        </ul>
      )}
    </PagedPanel>
  );
}

function CheckRow({ check, by }: { check: Verification; by: string | undefined }) {
  const { kind, status, checked, fromSeq, toSeq, requestedAt, finishedAt } = check;
  const isUnderWay = status === 'queued' || status === 'running';
  const all = toSeq === null ? null : toSeq - fromSeq;
  const percent = all === null || all <= 0 ? null : Math.min(100, Math.round((100 * checked) / all));
  const words = status === 'queued' ? 'Waiting for a worker' : `${formatCount(checked)} entries checked`;
  return (
    <div className="row">
      <div className="row-text check-text">
        <span>
          {kinds[kind]}
          {by ? ` by ${by}` : ''}
        </span>
        <span className="small muted num">
          {finishedAt === null ? `Begun ${formatMoment(requestedAt)}` : formatMoment(finishedAt)} · {words}
        </span>
        {isUnderWay && <Meter label="Checking the chain" percent={percent} text={words} />}
        <Breaks check={check} />
      </div>
      <span className="row-end" role="status">
        <Result check={check} />
      </span>
    </div>
  );
}

function Result({ check: { status, isOk } }: { check: Verification }) {
  if (status === 'failed') return <Badge tone="warn">not finished</Badge>;
  if (status !== 'done') return <Badge tone="info">{status}</Badge>;
  return isOk ? <Badge tone="good">unbroken</Badge> : <Badge tone="bad">broken</Badge>;
}

const causes: Readonly<Record<NonNullable<Verification['code']>, string>> = {
  SEQ_GAP: 'an entry is missing',
  LINK_BROKEN: 'it does not follow the one before',
  HASH_MISMATCH: 'it was changed',
  HEAD_MISMATCH: 'the end is not where it was',
  TRUNCATED: 'the end was cut off',
  CHECKPOINT_MISMATCH: 'it differs from a signed point',
  SIGNATURE_INVALID: 'a signature is wrong',
  OPS_ROOT_MISMATCH: 'the log of requests was changed',
};

function Breaks({ check: { breaks } }: { check: Verification }) {
  if (breaks.length === 0) return null;
  return (
    <ul className="breaks small">
      {breaks.slice(0, 10).map(({ seq, code }) => (
        <li key={`${seq} ${code}`}>
          At <span className="num">{seq}</span>: {causes[code]}
        </li>
      ))}
      {breaks.length > 10 && <li className="muted">and {breaks.length - 10} more</li>}
    </ul>
  );
}

function Head() {
  const request = useRequest('head', () => hub.journal.head());
  return (
    <Panel title="The end of the chain, signed">
      {request.state === 'loading' && <Skeleton lines={2} label="Loading the end of the chain" />}
      {request.state === 'failed' && <Failed {...describeProblem(request.error)} onRetry={request.retry} />}
      {request.state === 'ready' && <Signed point={request.data} />}
    </Panel>
  );
}

function Signed({ point }: { point: SignedPoint }) {
  const { seq, at, hash, keyId, signature } = point;
  return (
    <div className="stack">
      <p className="muted small">
        Keep this outside the hub: whoever has it can prove later that nothing before it was changed.
      </p>
      <dl className="facts facts-one">
        <div>
          <dt>Place</dt>
          <dd className="num">
            {formatCount(seq)}, {formatMoment(at)}
          </dd>
        </div>
        <div>
          <dt>Hash</dt>
          <dd className="mono">{hash}</dd>
        </div>
        <div>
          <dt>Signature (Ed25519)</dt>
          <dd className="mono">{signature}</dd>
        </div>
        <div>
          <dt>Key</dt>
          <dd className="mono">{keyId}</dd>
        </div>
      </dl>
      <div className="actions">
        <Button
          icon="download"
          onClick={() => download(`journal-${seq}.json`, JSON.stringify(point, null, 2), 'application/json')}
        >
          Keep it
        </Button>
      </div>
    </div>
  );
}
