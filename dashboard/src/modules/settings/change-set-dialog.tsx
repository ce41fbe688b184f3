import type { ChangeItem, ChangeSet, SettingInfo } from '@loro/contracts/configuration-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { useProof } from '../../app/proof';
import { useMe } from '../../app/session';
import { IconButton } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { SelectField, TextField } from '../../ui/field';
import { Segments } from '../../ui/segments';
import { useForm } from '../auth/use-form';
import { SettingControl } from './setting-control';
import { useInfos } from './setting-list';
import { areaOf, controlOf, draftOf, nameOf, valueOf } from './values';

interface ChangeSetDialogProps {
  /** Null plans a new one. */
  set: ChangeSet | null;
  onClose: () => void;
  onSaved: () => void;
}

type When = 'now' | 'later' | 'draft';
const choices: readonly { choice: When; title: string }[] = [
  { choice: 'draft', title: 'A draft' },
  { choice: 'later', title: 'At a time' },
  { choice: 'now', title: 'Now' },
];

interface Item extends Pick<ChangeItem, 'level' | 'ownerId' | 'key' | 'isLocked' | 'isRemoval'> {
  draft: string;
}

/** Several settings of the organisation, changed together. */
export function ChangeSetDialog({ set, onClose, onSaved }: ChangeSetDialogProps) {
  const me = useMe();
  const prove = useProof();
  const infos = useInfos().filter(({ levels, isSecret }) => levels.includes('organisation') && !isSecret);
  const [items, setItems] = useState<readonly Item[]>(() => (set?.items ?? []).map(asItem));
  const [when, setWhen] = useState<When>(set?.applyAt ? 'later' : 'draft');
  const [applyAt, setApplyAt] = useState(localOf(set?.applyAt ?? null));
  const [reason, setReason] = useState(set?.reason ?? '');
  const { errors, isBusy, submit } = useForm(async () => {
    const plan = {
      items: items.map((item) => fromItem(item, infos)),
      ...(reason.trim() !== '' && { reason: reason.trim() }),
    };
    const at = when === 'later' && applyAt !== '' ? new Date(applyAt).toISOString() : null;
    await prove(() => save(set, plan, { at, isNow: when === 'now' }));
    onSaved();
    onClose();
  });
  const add = (key: string) => {
    if (key === '') return;
    const info = infos.find((one) => one.key === key);
    const draft = info ? draftOf(controlOf(info.schema), info.preset) : '';
    setItems((old) => [
      ...old,
      { level: 'organisation', ownerId: me.organisation.id, key, isLocked: false, isRemoval: false, draft },
    ]);
  };
  const wrong = errors['items'] ?? errors['value'] ?? errors['key'];
  return (
    <Dialog
      title={set ? 'Change the plan' : 'Plan changes'}
      submit={when === 'now' ? 'Change them' : 'Save it'}
      busy={isBusy}
      onClose={onClose}
      onSubmit={submit}
    >
      {items.map((item, at) => (
        <ItemFields
          key={`${item.level} ${item.ownerId} ${item.key}`}
          item={item}
          info={infos.find(({ key }) => key === item.key)}
          error={errors[String(at)]}
          onChange={(next) => setItems((old) => old.map((one, index) => (index === at ? next : one)))}
          onRemove={() => setItems((old) => old.filter((_, index) => index !== at))}
        />
      ))}
      <SelectField label="Add a setting" value="" onChange={(event) => add(event.target.value)}>
        <option value="">Choose one</option>
        {infos
          .filter(({ key }) => !items.some((item) => item.key === key && item.level === 'organisation'))
          .map(({ key }) => (
            <option key={key} value={key}>
              {areaOf(key)}: {nameOf(key)}
            </option>
          ))}
      </SelectField>
      {wrong !== undefined && <p className="field-error">{wrong}</p>}
      <Segments legend="When" choices={choices} value={when} onChange={setWhen} />
      {when === 'later' && (
        <TextField
          label="When they count"
          type="datetime-local"
          value={applyAt}
          error={errors['applyAt']}
          onChange={(event) => setApplyAt(event.target.value)}
        />
      )}
      <TextField
        label="Why (optional)"
        value={reason}
        error={errors['reason']}
        onChange={(event) => setReason(event.target.value)}
      />
    </Dialog>
  );
}

interface ItemFieldsProps {
  item: Item;
  info: SettingInfo | undefined;
  error: string | undefined;
  onChange: (item: Item) => void;
  onRemove: () => void;
}

function ItemFields({ item, info, error, onChange, onRemove }: ItemFieldsProps) {
  const title = `${areaOf(item.key)}: ${nameOf(item.key)}`;
  return (
    <fieldset className="change-item">
      <legend>
        {title}
        <IconButton icon="close" label={`Leave out ${nameOf(item.key)}`} size={16} onClick={onRemove} />
      </legend>
      {info && !item.isRemoval && (
        <SettingControl
          control={controlOf(info.schema)}
          isSecret={false}
          draft={item.draft}
          error={error}
          onChange={(draft) => onChange({ ...item, draft })}
        />
      )}
      <label className="check">
        <input
          type="checkbox"
          checked={item.isRemoval}
          onChange={(event) => onChange({ ...item, isRemoval: event.target.checked })}
        />
        Take away what is set
      </label>
    </fieldset>
  );
}

const asItem = ({ level, ownerId, key, isLocked, isRemoval, value }: ChangeSet['items'][number]): Item => ({
  level,
  ownerId,
  key,
  isLocked,
  isRemoval,
  draft: typeof value === 'string' ? value : Array.isArray(value) ? value.join('\n') : (JSON.stringify(value) ?? ''),
});

function fromItem({ draft, ...item }: Item, infos: readonly SettingInfo[]) {
  const info = infos.find(({ key }) => key === item.key);
  if (item.isRemoval || !info) return item;
  return { ...item, value: valueOf(controlOf(info.schema), draft) };
}

interface Plan {
  items: ReturnType<typeof fromItem>[];
  reason?: string;
}

async function save(set: ChangeSet | null, plan: Plan, { at, isNow }: { at: string | null; isNow: boolean }) {
  if (set === null) {
    const when = at !== null ? { applyAt: at } : { isDraft: !isNow };
    await hub.configuration.createChangeSet({ ...plan, ...when });
    return;
  }
  const changed = await hub.configuration.changeChangeSet(
    { changeSetId: set.id, ...plan, applyAt: at },
    { ifMatch: set.version },
  );
  if (isNow) await hub.configuration.applyChangeSet({ changeSetId: changed.id });
}

/** An instant as a field for local time holds it. */
function localOf(instant: string | null): string {
  if (instant === null) return '';
  const date = new Date(instant);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
