import { LoroError } from '@loro/client';
import type { Branch } from '@loro/contracts/branches';
import type { Evidence } from '@loro/contracts/check-ins-values';
import { useState } from 'react';
import { AskReason } from '../../app/ask-reason';
import { hub } from '../../app/hub';
import { LoadedPanel } from '../../app/loaded';
import { useRequest } from '../../app/use-request';
import { Badge } from '../../ui/badge';
import { formatDistance, formatDuration, formatMoment } from '../../ui/format';
import { Meter } from '../../ui/meter';
import { Panel } from '../../ui/panel';
import { decisionTitles, kindTitles, plain, reasonTitles, typeTitles } from '../check-ins/check-in-words';
import { DecisionForm } from './decision-form';

interface EvidencePanelProps {
  checkInId: string;
  branches: readonly Branch[];
  onDecided: () => void;
}

/** Everything that is known of a doubtful check-in, and the decision. */
export function EvidencePanel({ checkInId, branches, onDecided }: EvidencePanelProps) {
  const [reason, setReason] = useState<string>();
  const request = useRequest(`${checkInId} ${reason ?? ''}`, () =>
    hub.checkIns.evidence({ checkInId, ...(reason !== undefined && { reason }) }),
  );
  if (request.state === 'failed' && request.error instanceof LoroError && request.error.code === 'REASON_REQUIRED') {
    return (
      <Panel>
        <AskReason what="this place" onReason={setReason} />
      </Panel>
    );
  }
  return (
    <LoadedPanel request={request} what="the evidence" lines={5}>
      {(evidence) => (
        <>
          <Known evidence={evidence} branches={branches} />
          {evidence.signals.length > 0 && <Signals evidence={evidence} />}
          <DecisionForm evidence={evidence} onDecided={onDecided} />
        </>
      )}
    </LoadedPanel>
  );
}

function Known({ evidence, branches }: { evidence: Evidence; branches: readonly Branch[] }) {
  const { userName, reasons, kind, type } = evidence;
  return (
    <Panel
      title={userName}
      aside={
        <Badge>
          {kindTitles[kind]}, {typeTitles[type].toLocaleLowerCase()}
        </Badge>
      }
    >
      <div className="stack">
        <ul className="reasons" aria-label="Why it waits">
          {reasons.map((reason) => (
            <li key={reason}>
              <Badge tone="warn">{reasonTitles[reason]}</Badge>
            </li>
          ))}
        </ul>
        <dl className="facts">
          {factsOf(evidence, branches).map(([title, value]) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Panel>
  );
}

const timeTitles: Readonly<Record<Evidence['timeSource'], string>> = {
  server: 'by the hub’s clock',
  trusted: 'by a clock that was compared',
  bounded: 'between two known times',
  manual: 'as the phone says',
};

function placeText({ place, placeState }: Evidence): string {
  if (place) return `${place.lat.toFixed(5)}, ${place.lng.toFixed(5)}`;
  if (placeState === 'hidden') return 'Kept, and not for your eyes';
  if (placeState === 'coarse') return 'Known to about 200 m';
  return placeState === 'none' ? 'None was sent' : 'No longer kept';
}

function factsOf(evidence: Evidence, branches: readonly Branch[]): readonly (readonly [string, string])[] {
  const { insideP, signedDistanceM: metres, accuracyM, skewMs, fixAgeMs, claimedAt } = evidence;
  const facts: readonly (readonly [string, string | null | undefined | false])[] = [
    ['When', `${formatMoment(evidence.occurredAt)}, ${timeTitles[evidence.timeSource]}`],
    ['Came in', formatMoment(evidence.receivedAt)],
    ['The phone says', claimedAt && formatMoment(claimedAt)],
    ['Clock off by', skewMs !== null && Math.abs(skewMs) >= 1000 && formatDuration(Math.abs(skewMs))],
    ['Branch', branches.find(({ id }) => id === evidence.branchId)?.name],
    ['Verdict', decisionTitles[evidence.decision]],
    ['Likely inside', insideP !== null && `${Math.round(insideP * 100)} %`],
    ['To the border', metres !== null && `${formatDistance(Math.abs(metres))} ${metres < 0 ? 'outside' : 'inside'}`],
    ['Exact to', accuracyM !== null && `± ${formatDistance(accuracyM)}`],
    ['Age of the reading', fixAgeMs !== null && formatDuration(fixAgeMs)],
    ['Place', placeText(evidence)],
    ['Photo', evidence.photo === 'none' ? null : plain(evidence.photo)],
    ['Sent', evidence.network === 'online' ? 'at once' : 'later, from offline'],
    ['App', evidence.appVersion],
    ['Battery', evidence.batteryPct !== null && `${evidence.batteryPct} %`],
    ['Note', evidence.note],
    ['Category', evidence.category ?? evidence.suggestedCategory],
    ['Outcome', evidence.outcome],
  ];
  return facts.flatMap(([title, value]) => (value ? [[title, value] as const] : []));
}

/** What speaks against it, and how much. */
function Signals({ evidence: { signals, spoofScore } }: { evidence: Evidence }) {
  const tone = spoofScore >= 70 ? 'bad' : spoofScore >= 40 ? 'warn' : 'good';
  return (
    <Panel title="What speaks against it" aside={<span className="num">{spoofScore} of 100</span>}>
      <div className="stack">
        <Meter label="How likely it is made up" percent={spoofScore} text={`${spoofScore} of 100`} tone={tone} />
        <ul>
          {signals.map(({ name, weight }) => (
            <li className="signal" key={name}>
              <span>{plain(name)}</span>
              <span className="num muted">{weight}</span>
            </li>
          ))}
        </ul>
      </div>
    </Panel>
  );
}
