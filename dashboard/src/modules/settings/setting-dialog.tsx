import type { ChainLink, SettingInfo } from '@loro/contracts/configuration-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { useProof } from '../../app/proof';
import { useAction } from '../../app/use-action';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { useForm } from '../auth/use-form';
import type { SettingScope } from './scope';
import { SettingControl } from './setting-control';
import { controlOf, draftOf, nameOf, valueOf } from './values';

interface SettingDialogProps {
  info: SettingInfo;
  scope: SettingScope;
  /** What stands at the level that is changed. */
  own: ChainLink | undefined;
  /** What holds now. */
  now: unknown;
  onClose: () => void;
  onChange: () => void;
}

export function SettingDialog({ info, scope, own, now, onClose, onChange }: SettingDialogProps) {
  const { key, schema, levels, isSecret } = info;
  const prove = useProof();
  const { busy, run } = useAction();
  const control = controlOf(schema);
  const [draft, setDraft] = useState(() => (isSecret ? '' : draftOf(control, own?.isSet ? own.value : now)));
  const [isLocked, setLocked] = useState(own?.isLocked ?? false);
  const [reason, setReason] = useState('');
  const place = { ownerId: scope.ownerId, key };
  const ifMatch = own?.version ?? 0;
  const isLowest = levels.at(-1) === scope.level;

  const done = () => {
    onChange();
    onClose();
  };
  const { errors, isBusy, submit } = useForm(
    async () => {
      const input = { ...place, value: valueOf(control, draft), isLocked, ...(reason.trim() && { reason }) };
      const set = {
        organisation: () => hub.configuration.setForOrganisation(input, { ifMatch }),
        branch: () => hub.configuration.setForBranch(input, { ifMatch }),
        user: () => hub.configuration.setForUser(input, { ifMatch }),
      };
      await prove<unknown>(set[scope.level]);
      done();
    },
    { BELOW_FLOOR: 'value', SELF_LOCKOUT: 'value', CONFIG_LOCKED: 'value' },
  );
  const clear = async () => {
    const work = {
      organisation: () => hub.configuration.clearForOrganisation(place, { ifMatch }),
      branch: () => hub.configuration.clearForBranch(place, { ifMatch }),
      user: () => hub.configuration.clearForUser(place, { ifMatch }),
    };
    if (await run('clear', work[scope.level])) done();
  };
  // The value may be wrong in one of its parts, whose path goes on below `value`.
  const { reason: reasonError, ...wrong } = errors;
  return (
    <Dialog title={`${nameOf(key)}: ${scope.title}`} submit="Set it" busy={isBusy} onClose={onClose} onSubmit={submit}>
      <SettingControl
        control={control}
        isSecret={isSecret}
        draft={draft}
        error={Object.values(wrong)[0]}
        onChange={setDraft}
      />
      {!isLowest && (
        <label className="check">
          <input type="checkbox" checked={isLocked} onChange={(event) => setLocked(event.target.checked)} />
          Lock it: nobody below sets another value
        </label>
      )}
      <TextField
        label="Why (optional)"
        value={reason}
        error={reasonError}
        onChange={(event) => setReason(event.target.value)}
      />
      {own?.isSet && (
        <div className="actions">
          <Button busy={busy !== null} onClick={() => void clear()}>
            Take away what is set here
          </Button>
        </div>
      )}
    </Dialog>
  );
}
