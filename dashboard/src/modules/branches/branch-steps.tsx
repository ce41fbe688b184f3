import type { Branch } from '@loro/contracts/branches';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { navigate } from '../../app/routes';
import { useAction } from '../../app/use-action';
import { useRequest } from '../../app/use-request';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { Dialog } from '../../ui/dialog';
import { SelectField } from '../../ui/field';
import { useForm } from '../auth/use-form';

interface BranchStepsProps {
  branch: Branch;
  branches: readonly Branch[];
  onChange: () => void;
}

type Asked = 'move' | 'close' | 'remove';

/** Moving, pausing, closing and opening a branch, for who may. */
export function BranchSteps({ branch, branches, onChange }: BranchStepsProps) {
  const { busy, run } = useAction();
  const [asked, setAsked] = useState<Asked | null>(null);
  const { id: branchId, status, version, name } = branch;
  const step = async (to: 'active' | 'suspended') => {
    if (await run(to, () => hub.branches.setStatus({ branchId, status: to }))) onChange();
  };
  const remove = async () => {
    if (!(await run('remove', () => hub.branches.remove({ branchId }, { ifMatch: version })))) return;
    navigate('/branches');
    onChange();
  };
  const close = () => setAsked(null);
  return (
    <>
      {status !== 'closed' && <Button onClick={() => setAsked('move')}>Move</Button>}
      {status === 'active' && (
        <Button busy={busy === 'suspended'} onClick={() => void step('suspended')}>
          Pause
        </Button>
      )}
      {status !== 'active' && (
        <Button busy={busy === 'active'} onClick={() => void step('active')}>
          {status === 'closed' ? 'Open again' : 'Open'}
        </Button>
      )}
      {(status === 'active' || status === 'suspended') && (
        <Button kind="danger" onClick={() => setAsked('close')}>
          Close for good
        </Button>
      )}
      {status === 'planned' && (
        <Button kind="danger" onClick={() => setAsked('remove')}>
          Remove
        </Button>
      )}
      {asked === 'move' && <MoveDialog {...{ branch, branches, onChange }} onClose={close} />}
      {asked === 'close' && <CloseDialog {...{ branch, branches, onChange }} onClose={close} />}
      {asked === 'remove' && (
        <Confirm
          title={`Remove ${name}?`}
          submit="Remove it"
          busy={busy === 'remove'}
          onClose={close}
          onConfirm={() => void remove()}
        >
          It was only planned; nothing of it stays.
        </Confirm>
      )}
    </>
  );
}

function MoveDialog({ branch, branches, onChange, onClose }: BranchStepsProps & { onClose: () => void }) {
  const [parentId, setParent] = useState(branch.parentId ?? '');
  // What lies below it cannot lie above it.
  const places = branches.filter(({ path, status }) => !path.startsWith(branch.path) && status !== 'closed');
  const { errors, isBusy, submit } = useForm(
    async () => {
      await hub.branches.move({ branchId: branch.id, parentId: parentId === '' ? null : parentId });
      onChange();
      onClose();
    },
    { BRANCH_CYCLE: 'parentId', BRANCH_DEPTH: 'parentId', BRANCH_CLOSED: 'parentId' },
  );
  return (
    <Dialog title={`Move ${branch.name}`} submit="Move it" busy={isBusy} onClose={onClose} onSubmit={submit}>
      <p className="small muted">Everything below it moves along.</p>
      <SelectField
        label="Below"
        value={parentId}
        error={errors['parentId']}
        onChange={(event) => setParent(event.target.value)}
      >
        <option value="">Nothing: it stands at the top</option>
        {places.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
    </Dialog>
  );
}

function CloseDialog({ branch, branches, onChange, onClose }: BranchStepsProps & { onClose: () => void }) {
  const { id: branchId } = branch;
  const [reassignTo, setReassign] = useState('');
  const request = useRequest(branchId, () => hub.branches.blockers({ branchId }));
  const blockers =
    request.state === 'ready' ? Object.entries(request.data.blockers).filter(([, count]) => count > 0) : [];
  const { errors, isBusy, submit } = useForm(
    async () => {
      await hub.branches.setStatus({ branchId, status: 'closed', ...(reassignTo !== '' && { reassignTo }) });
      onChange();
      onClose();
    },
    { BRANCH_NOT_EMPTY: 'reassignTo', BRANCH_CLOSED: 'reassignTo', BRANCH_CYCLE: 'reassignTo' },
  );
  return (
    <Dialog title={`Close ${branch.name}?`} submit="Close it" danger busy={isBusy} onClose={onClose} onSubmit={submit}>
      <p className="muted">Nobody belongs to it any more, and nothing happens there. What was stays known.</p>
      {blockers.length > 0 && (
        <>
          <p>Still there: {blockers.map(([what, count]) => `${count} ${what.replaceAll(/[.-]/g, ' ')}`).join(', ')}.</p>
          <SelectField
            label="Who takes that over"
            value={reassignTo}
            error={errors['reassignTo']}
            onChange={(event) => setReassign(event.target.value)}
          >
            <option value="">Choose a branch</option>
            {branches
              .filter(({ id, status }) => id !== branchId && status === 'active')
              .map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
          </SelectField>
        </>
      )}
    </Dialog>
  );
}
