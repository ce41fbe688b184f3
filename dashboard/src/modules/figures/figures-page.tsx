import { LoadedPanel } from '../../app/loaded';
import { navigate, useRoute } from '../../app/routes';
import { Segments } from '../../ui/segments';
import { useBranches } from '../branches/use-branches';
import { AlertsPanel } from './alerts-panel';
import { MetricPanel } from './metric-panel';
import { RulesPanel } from './rules-panel';

const views = [
  { choice: 'metrics', title: 'Metrics' },
  { choice: 'alerts', title: 'Alerts' },
  { choice: 'rules', title: 'Rules' },
] as const;

/** What is measured, what it says, and what is watched. */
export function FiguresPage() {
  const { rest } = useRoute();
  const branches = useBranches();
  const view = views.find(({ choice }) => choice === rest)?.choice ?? 'metrics';
  return (
    <div className="page">
      <header className="page-head">
        <h1 tabIndex={-1}>Figures</h1>
        <Segments legend="Show" choices={views} value={view} onChange={(choice) => navigate(`/figures/${choice}`)} />
      </header>
      <LoadedPanel request={branches} what="the branches">
        {(known) => (
          <div className="stack">
            {view === 'metrics' && <MetricPanel branches={known} />}
            {view === 'alerts' && <AlertsPanel branches={known} />}
            {view === 'rules' && <RulesPanel branches={known} />}
          </div>
        )}
      </LoadedPanel>
    </div>
  );
}
