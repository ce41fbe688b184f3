import type { ChainLink, EffectiveValue, SettingInfo } from '@loro/contracts/configuration-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { describeProblem } from '../../app/problem';
import { useMe } from '../../app/session';
import { useRequest } from '../../app/use-request';
import { Badge, type Tone } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Failed, Panel, Skeleton } from '../../ui/panel';
import { HistoryPanel } from './history-panel';
import { maySet, queryOf, type SettingScope } from './scope';
import { SettingDialog } from './setting-dialog';
import { useInfos } from './setting-list';
import { nameOf, sourceTitles, valueText } from './values';

interface SettingPanelProps {
  settingKey: string;
  scope: SettingScope;
  round: number;
  onChange: () => void;
}

/** One setting: what holds, where that comes from, and what it was before. */
export function SettingPanel({ settingKey, scope, round, onChange }: SettingPanelProps) {
  const info = useInfos().find(({ key }) => key === settingKey);
  const request = useSetting(settingKey, scope, round);
  return (
    <>
      {request.state === 'loading' && (
        <Panel>
          <Skeleton lines={3} label="Loading the setting" />
        </Panel>
      )}
      {request.state === 'failed' && (
        <Panel>
          <Failed {...describeProblem(request.error)} onRetry={request.retry} />
        </Panel>
      )}
      {request.state === 'ready' && request.data && (
        <Known value={request.data} info={info} scope={scope} onChange={onChange} />
      )}
      <HistoryPanel settingKey={settingKey} round={round} onChange={onChange} />
    </>
  );
}

/** Asked again with every round; meanwhile the answer of the one before stands. */
function useSetting(key: string, scope: SettingScope, round: number) {
  const [seen, setSeen] = useState(round);
  const request = useRequest(`${key} ${scope.ownerId}`, async () => {
    const { data } = await hub.configuration.effective({ keys: key, explain: 'true', limit: 1, ...queryOf(scope) });
    return data[0] ?? null;
  });
  if (seen !== round) {
    setSeen(round);
    request.reload();
  }
  return request;
}

interface KnownProps {
  value: EffectiveValue;
  info: SettingInfo | undefined;
  scope: SettingScope;
  onChange: () => void;
}

function Known({ value: { key, value, last4, source, chain = [] }, info, scope, onChange }: KnownProps) {
  const me = useMe();
  const [isEditing, setEditing] = useState(false);
  const own = chain.find(({ level, ownerId }) => level === scope.level && ownerId === scope.ownerId);
  const decided = chain.find((link) => link !== own && link.isSet && link.isLocked && link.outcome === 'counts');
  const isOfLevel = info?.levels.includes(scope.level) ?? false;
  const mayEdit = isOfLevel && decided === undefined && maySet(me, scope);
  return (
    <Panel
      title={nameOf(key)}
      aside={
        mayEdit && (
          <Button kind="primary" onClick={() => setEditing(true)}>
            Change
          </Button>
        )
      }
    >
      <div className="stack">
        <p className="muted small">{info?.description}</p>
        <p className="setting-now">
          {valueText(value, last4)}{' '}
          <Badge tone={source === 'default' ? 'neutral' : 'info'}>{sourceTitles[source]}</Badge>
        </p>
        {decided && <p className="small">The {sourceTitles[decided.level]} decided this for everybody below.</p>}
        {info && !isOfLevel && (
          <p className="small muted">Set for: {info.levels.map((level) => sourceTitles[level]).join(', ')}.</p>
        )}
        <ol className="chain" aria-label="Where it comes from, weakest first">
          {chain.map((link) => (
            <ChainRow key={`${link.level} ${link.ownerId ?? ''}`} link={link} />
          ))}
        </ol>
      </div>
      {isEditing && info && (
        <SettingDialog
          info={info}
          scope={scope}
          own={own}
          now={value}
          onClose={() => setEditing(false)}
          onChange={onChange}
        />
      )}
    </Panel>
  );
}

const outcomes: Readonly<Record<ChainLink['outcome'], { title: string; tone: Tone }>> = {
  counts: { title: 'counts', tone: 'good' },
  overridden: { title: 'overridden', tone: 'neutral' },
  'locked-above': { title: 'decided above', tone: 'warn' },
  'below-floor': { title: 'weaker than the hub allows', tone: 'warn' },
  'not-set': { title: 'not set', tone: 'neutral' },
  'no-longer-valid': { title: 'no longer valid', tone: 'bad' },
};

function ChainRow({ link: { level, isSet, value, last4, isLocked, outcome } }: { link: ChainLink }) {
  const { title, tone } = outcomes[outcome];
  return (
    <li data-counts={outcome === 'counts' || undefined}>
      <span className="row-text">
        <span className="small muted">
          {sourceTitles[level]}
          {isLocked && ', locked'}
        </span>
        {isSet && <span>{valueText(value, last4)}</span>}
      </span>
      <Badge tone={tone}>{title}</Badge>
    </li>
  );
}
