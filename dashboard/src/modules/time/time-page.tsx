import type { Branch } from '@loro/contracts/branches';
import { LoadedPanel } from '../../app/loaded';
import { navigate, useRoute } from '../../app/routes';
import { Segments } from '../../ui/segments';
import { useBranches } from '../branches/use-branches';
import { CorrectionsPanel } from './corrections-panel';
import { OvertimePanel } from './overtime-panel';
import { PeriodsPanel } from './periods-panel';
import { WeekPanel } from './week-panel';
import './time.css';

const views = [
  { choice: 'week', title: 'Week' },
  { choice: 'corrections', title: 'Corrections' },
  { choice: 'overtime', title: 'Overtime' },
  { choice: 'periods', title: 'Periods' },
] as const;

/** Who worked when, what is to be corrected, and what is handed in. */
export function TimePage() {
  const { rest } = useRoute();
  const branches = useBranches();
  const view = views.find(({ choice }) => choice === rest)?.choice ?? 'week';
  return (
    <div className="page split-page time-page">
      <header className="page-head">
        <h1 tabIndex={-1}>Time sheet</h1>
        <Segments legend="Show" choices={views} value={view} onChange={(choice) => navigate(`/time/${choice}`)} />
      </header>
      <LoadedPanel request={branches} what="the branches">
        {(known) => <View view={view} branches={known} />}
      </LoadedPanel>
    </div>
  );
}

function View({ view, branches }: { view: (typeof views)[number]['choice']; branches: readonly Branch[] }) {
  if (view === 'corrections') return <CorrectionsPanel />;
  if (view === 'overtime') return <OvertimePanel />;
  if (view === 'periods') return <PeriodsPanel branches={branches} />;
  return <WeekPanel branches={branches} />;
}
