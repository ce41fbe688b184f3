import type { Branch } from '@loro/contracts/branches';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { Loaded, LoadedPanel } from '../../app/loaded';
import { Link, navigate, setQuery, useRoute } from '../../app/routes';
import { usePermission } from '../../app/session';
import { useHeard } from '../../app/use-heard';
import { useRequest } from '../../app/use-request';
import { type PlaceDraft, ShapesMap } from '../../map/shapes-map';
import { Button } from '../../ui/button';
import { Segments } from '../../ui/segments';
import { BranchDialog } from './branch-dialog';
import { BranchFacts } from './branch-facts';
import { BranchTree } from './branch-tree';
import { ExceptionsPanel } from './exceptions-panel';
import { FiguresPanel } from './figures-panel';
import { HoursPanel } from './hours-panel';
import { MembersPanel } from './members-panel';
import { PlacePanel } from './place-panel';
import { BranchSettingsPanel } from './settings-panel';
import { useBranches } from './use-branches';

/** The branches in their tree and on the map, and everything about one of them. */
export function BranchesPage() {
  const { rest: openId } = useRoute();
  const mayOpen = usePermission('branches.manage');
  const branches = useBranches();
  const tree = useRequest('tree', () => hub.branches.tree());
  useHeard(
    (heard) => [
      hub.branches.on('branch:created', heard),
      hub.branches.on('branch:updated', heard),
      hub.branches.on('branch:status-changed', heard),
      hub.branches.on('branch:moved', heard),
      hub.branches.on('branch:member-changed', heard),
    ],
    tree.reload,
  );
  const [isMaking, setMaking] = useState(false);
  return (
    <div className="page split-page map-split-page">
      <header className="page-head">
        <h1 tabIndex={-1}>Branches</h1>
        {mayOpen && (
          <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>
            Open a branch
          </Button>
        )}
      </header>
      <LoadedPanel request={branches} what="the branches" lines={6}>
        {(known) => (
          <div className={openId === null ? 'map-split' : 'map-split map-split-open'}>
            <div className="map-side">
              <Loaded request={tree} what="the tree">
                {({ nodes }) => <BranchTree nodes={nodes} openId={openId} />}
              </Loaded>
            </div>
            <Main key={openId} branches={known} openId={openId} onChange={tree.reload} />
            {isMaking && (
              <BranchDialog
                branch={null}
                parents={known}
                onClose={() => setMaking(false)}
                onSaved={({ id }) => {
                  branches.reload();
                  tree.reload();
                  navigate(`/branches/${id}`);
                }}
              />
            )}
          </div>
        )}
      </LoadedPanel>
    </div>
  );
}

interface MainProps {
  branches: readonly Branch[];
  openId: string | null;
  onChange: () => void;
}

function Main({ branches, openId, onChange }: MainProps) {
  const [draft, setDraft] = useState<PlaceDraft | null>(null);
  return (
    <div className="map-main">
      {openId !== null && (
        <Link className="split-back" href="/branches">
          All branches
        </Link>
      )}
      <ShapesMap
        label="Map of the branches"
        allTitle="Show all branches"
        shapes={branches}
        openId={openId}
        draft={draft}
        onDraft={setDraft}
        onPick={(id) => navigate(`/branches/${id}`)}
      />
      {openId !== null && (
        <OpenBranch branchId={openId} branches={branches} draft={draft} onDraft={setDraft} onChange={onChange} />
      )}
    </div>
  );
}

const tabs = [
  { choice: 'place', title: 'Place' },
  { choice: 'hours', title: 'Hours' },
  { choice: 'people', title: 'People' },
  { choice: 'settings', title: 'Settings' },
  { choice: 'figures', title: 'Figures' },
] as const;

interface OpenBranchProps {
  branchId: string;
  branches: readonly Branch[];
  draft: PlaceDraft | null;
  onDraft: (draft: PlaceDraft | null) => void;
  onChange: () => void;
}

function OpenBranch({ branchId, branches, draft, onDraft, onChange }: OpenBranchProps) {
  const { query } = useRoute();
  const request = useRequest(branchId, () => hub.branches.get({ branchId }));
  useHeard(
    (heard) => {
      const one = ({ id }: { id: string }) => id === branchId && heard();
      return [
        hub.branches.on('branch:updated', one),
        hub.branches.on('branch:status-changed', one),
        hub.branches.on('branch:moved', one),
      ];
    },
    () => request.reload(),
  );
  const mayReadSettings = usePermission('config.read');
  const shown = tabs.filter(({ choice }) => choice !== 'settings' || mayReadSettings);
  const tab = shown.find(({ choice }) => choice === query.get('tab'))?.choice ?? 'place';
  const changed = () => {
    request.reload();
    onChange();
  };
  return (
    <LoadedPanel request={request} what="the branch">
      {(branch) => (
        <>
          <BranchFacts branch={branch} branches={branches} onChange={changed} />
          <Segments
            legend="About the branch"
            choices={shown}
            value={tab}
            onChange={(choice) => {
              onDraft(null);
              setQuery('tab', choice);
            }}
          />
          {tab === 'place' && <PlacePanel branch={branch} draft={draft} onDraft={onDraft} onChange={changed} />}
          {tab === 'hours' && (
            <>
              <HoursPanel branch={branch} onChange={changed} />
              <ExceptionsPanel branch={branch} />
            </>
          )}
          {tab === 'people' && <MembersPanel branch={branch} branches={branches} onChange={onChange} />}
          {tab === 'settings' && <BranchSettingsPanel branch={branch} />}
          {tab === 'figures' && <FiguresPanel branch={branch} />}
        </>
      )}
    </LoadedPanel>
  );
}
