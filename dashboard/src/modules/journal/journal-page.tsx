import { useState } from 'react';
import { hub } from '../../app/hub';
import { Link, navigate, useRoute } from '../../app/routes';
import { useMe, usePermission } from '../../app/session';
import { useHeard } from '../../app/use-heard';
import { Segments } from '../../ui/segments';
import { EntryList } from './entry-list';
import { EntryPanel } from './entry-panel';
import { anything, type Filters } from './filters';
import { ProofPanels } from './proof-panels';
import './journal.css';

const PROOF = 'proof';
const views = [
  { choice: 'entries', title: 'Entries' },
  { choice: PROOF, title: 'Proof' },
] as const;

/** What happened in the organisation, and that nobody changed it afterwards. */
export function JournalPage() {
  const { rest } = useRoute();
  const mayVerify = usePermission('journal.verify');
  const isProof = rest === PROOF && mayVerify;
  return (
    <div className="page split-page">
      <header className="page-head">
        <h1 tabIndex={-1}>Journal</h1>
        {mayVerify && (
          <Segments
            legend="Show"
            choices={views}
            value={isProof ? PROOF : 'entries'}
            onChange={(choice) => navigate(choice === PROOF ? `/journal/${PROOF}` : '/journal')}
          />
        )}
      </header>
      {isProof ? <ProofPanels /> : <Entries openId={rest} />}
    </div>
  );
}

function Entries({ openId }: { openId: string | null }) {
  const [filters, setFilters] = useState(anything);
  // What was typed stays with the fields; new ones begin empty.
  const [turn, setTurn] = useState(0);
  const begin = (next: Filters) => {
    setFilters(next);
    setTurn((count) => count + 1);
  };
  const round = useSealed();
  const showThing = (thing: Pick<Filters, 'entityType' | 'entityId'>) => {
    begin({ ...anything, ...thing });
    navigate('/journal');
  };
  return (
    <div className={openId === null ? 'split' : 'split split-open'}>
      <EntryList
        key={turn}
        filters={filters}
        onFilter={setFilters}
        onReset={() => begin(anything)}
        openId={openId}
        round={round}
      />
      {openId !== null && (
        <div>
          <Link className="split-back" href="/journal">
            All entries
          </Link>
          <EntryPanel key={openId} entryId={openId} onThing={showThing} />
        </div>
      )}
    </div>
  );
}

// Looking is told in the journal too: who looked again because of it would look for ever.
const LOOKING = /^journal\..*(searched|read)$/;

/** Grows when an entry was sealed, for who may watch the journal. */
function useSealed(): number {
  const { organisation } = useMe();
  const mayWatch = usePermission('journal.watch');
  const [round, setRound] = useState(0);
  useHeard(
    (heard) => {
      if (!mayWatch) return [];
      const subscription = hub.journal.subscribe('journal', organisation.id, { onReset: heard });
      subscription.ready.catch(() => undefined);
      return [
        hub.journal.on('journal:entry', ({ action }) => !LOOKING.test(action) && heard()),
        () => subscription.close(),
      ];
    },
    () => setRound((count) => count + 1),
  );
  return round;
}
