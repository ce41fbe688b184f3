import { useState } from 'react';
import { Link, navigate, useRoute } from '../../app/routes';
import { hub } from '../../app/hub';
import { useMe, usePermission } from '../../app/session';
import { useHeard } from '../../app/use-heard';
import { Segments } from '../../ui/segments';
import { useBranches } from '../branches/use-branches';
import { ChangeSetsPanel } from './change-sets-panel';
import { FlagsPanel } from './flags-panel';
import { HistoryPanel } from './history-panel';
import type { SettingScope } from './scope';
import { SettingList } from './setting-list';
import { SettingPanel } from './setting-panel';
import './settings.css';

type View = 'values' | 'flags' | 'change-sets' | 'history';
const views: readonly { choice: View; title: string }[] = [
  { choice: 'values', title: 'Settings' },
  { choice: 'flags', title: 'Flags' },
  { choice: 'change-sets', title: 'Planned' },
  { choice: 'history', title: 'History' },
];

/** What holds for the organisation, its branches and oneself, where it comes from, and what it was before. */
export function SettingsPage() {
  const { rest } = useRoute();
  const mayReadFlags = usePermission('flags.read');
  const round = useChanges();
  const mayPlan = usePermission('config.write-organisation');
  const shown = views.filter(
    ({ choice }) => (choice !== 'flags' || mayReadFlags) && (choice !== 'change-sets' || mayPlan),
  );
  const view = shown.find(({ choice }) => choice === rest)?.choice ?? 'values';
  return (
    <div className="page split-page">
      <header className="page-head">
        <h1 tabIndex={-1}>Settings</h1>
        <Segments
          legend="Show"
          choices={shown}
          value={view}
          onChange={(choice) => navigate(choice === 'values' ? '/settings' : `/settings/${choice}`)}
        />
      </header>
      {view === 'values' && <Values openKey={rest} round={round} />}
      {view === 'flags' && <FlagsPanel round={round} />}
      {view === 'change-sets' && <ChangeSetsPanel round={round} />}
      {view === 'history' && <HistoryPanel round={round} />}
    </div>
  );
}

function Values({ openKey, round }: { openKey: string | null; round: number }) {
  const scopes = useScopes();
  const [ownerId, setOwner] = useState<string>();
  const [own, setOwn] = useState(0);
  const scope = scopes.find((one) => one.ownerId === ownerId) ?? scopes[0];
  if (!scope) return null;
  return (
    <div className={openKey === null ? 'split' : 'split split-open'}>
      <SettingList scope={scope} scopes={scopes} onScope={setOwner} openKey={openKey} round={round + own} />
      {openKey !== null && (
        <div>
          <Link className="split-back" href="/settings">
            All settings
          </Link>
          <SettingPanel
            key={`${openKey} ${scope.ownerId}`}
            settingKey={openKey}
            scope={scope}
            round={round + own}
            onChange={() => setOwn((count) => count + 1)}
          />
        </div>
      )}
    </div>
  );
}

/** The organisation, its branches as far as one sees them, and oneself. */
function useScopes(): readonly SettingScope[] {
  const { organisation, user } = useMe();
  const branches = useBranches();
  const mayReadAll = usePermission('branches.read');
  return [
    { level: 'organisation', ownerId: organisation.id, title: 'The whole organisation' },
    ...(branches.state === 'ready' && mayReadAll ? branches.data : []).map(({ id, name }): SettingScope => ({
      level: 'branch',
      ownerId: id,
      title: name,
    })),
    { level: 'user', ownerId: user.id, title: 'Only me' },
  ];
}

/** Grows when settings or flags changed for the organisation, one's branch or oneself. */
function useChanges(): number {
  const [round, setRound] = useState(0);
  useHeard(
    (heard) => [hub.configuration.on('config:changed', heard), hub.configuration.on('flag:changed', heard)],
    () => setRound((count) => count + 1),
  );
  return round;
}
