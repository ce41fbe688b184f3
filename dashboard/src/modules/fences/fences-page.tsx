import type { Branch } from '@loro/contracts/branches';
import type { Geofence } from '@loro/contracts/branches-geofences';
import { useMemo, useState } from 'react';
import { hub } from '../../app/hub';
import { LoadedPanel } from '../../app/loaded';
import { Link, navigate, useRoute } from '../../app/routes';
import { usePermission } from '../../app/session';
import { useHeard } from '../../app/use-heard';
import { useRequest } from '../../app/use-request';
import type { Shape } from '../../map/shape-overlay';
import { type PlaceDraft, ShapesMap } from '../../map/shapes-map';
import { Button } from '../../ui/button';
import { useBranches } from '../branches/use-branches';
import { FenceForm } from './fence-form';
import { FenceList } from './fence-list';
import { FencePanel } from './fence-panel';
import { drawn } from './fence-shape';

const noBranches: readonly Branch[] = [];

/** Fences that are drawn on the map: around clients, yards, wherever somebody has to come or must not drive fast. */
export function FencesPage() {
  const { rest } = useRoute();
  const mayDraw = usePermission('geofences.manage');
  const branches = useBranches();
  const request = useRequest('geofences', readAll);
  useHeard((heard) => [hub.branches.on('geofence:changed', heard)], request.reload);
  return (
    <div className="page split-page map-split-page">
      <header className="page-head">
        <h1 tabIndex={-1}>Fences</h1>
        {mayDraw && (
          <Button kind="primary" icon="plus" onClick={() => navigate('/fences/new')}>
            Draw a fence
          </Button>
        )}
      </header>
      <LoadedPanel request={request} what="the fences" lines={6}>
        {(fences) => (
          <Fences
            key={rest}
            fences={fences}
            branches={branches.state === 'ready' ? branches.data : noBranches}
            openId={rest}
            mayDraw={mayDraw}
            onChange={request.reload}
          />
        )}
      </LoadedPanel>
    </div>
  );
}

interface FencesProps {
  fences: readonly Geofence[];
  branches: readonly Branch[];
  /** `new` draws one. */
  openId: string | null;
  mayDraw: boolean;
  onChange: () => void;
}

function Fences({ fences, branches, openId, mayDraw, onChange }: FencesProps) {
  const [draft, setDraft] = useState<PlaceDraft | null>(null);
  const open = fences.find(({ id }) => id === openId) ?? null;
  const shapes = useMemo(
    () => [...fences.map(drawn), ...branches.filter(({ fence }) => fence !== null).map(asShape)],
    [fences, branches],
  );
  const isNew = openId === 'new' && mayDraw;
  const saved = ({ id }: { id: string }) => {
    setDraft(null);
    onChange();
    navigate(`/fences/${id}`);
  };
  return (
    <div className={openId === null ? 'map-split' : 'map-split map-split-open'}>
      <div className="map-side">
        <FenceList fences={fences} branches={branches} openId={openId} />
      </div>
      <div className="map-main">
        {openId !== null && (
          <Link className="split-back" href="/fences">
            All fences
          </Link>
        )}
        <ShapesMap
          label="Map of the fences"
          allTitle="Show all fences"
          shapes={shapes}
          openId={openId === 'new' ? null : openId}
          draft={draft}
          onDraft={setDraft}
          onPick={(id) => navigate(branches.some((one) => one.id === id) ? `/branches/${id}` : `/fences/${id}`)}
        />
        {isNew && (
          <FenceForm
            fence={null}
            branches={branches}
            draft={draft}
            onDraft={setDraft}
            onSaved={saved}
            onCancel={() => navigate('/fences')}
          />
        )}
        {open && <FencePanel fence={open} branches={branches} draft={draft} onDraft={setDraft} onChange={onChange} />}
      </div>
    </div>
  );
}

const asShape = ({ id, name, position, fence }: Branch): Shape => ({ id, name, position, fence });

async function readAll(): Promise<Geofence[]> {
  const fences: Geofence[] = [];
  for await (const { data } of hub.branches.pages('geofences', { limit: 200 })) fences.push(...data);
  return fences;
}
