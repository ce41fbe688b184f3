import type { ChangeSet } from '@loro/contracts/configuration-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { useAction } from '../../app/use-action';
import { usePages } from '../../app/use-pages';
import { Badge, type Tone } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { Select } from '../../ui/field';
import { formatMoment } from '../../ui/format';
import { useNames } from '../people/use-names';
import { ChangeSetDialog } from './change-set-dialog';
import { areaOf, nameOf, sourceTitles, valueText } from './values';

const states: Readonly<Record<ChangeSet['state'], { title: string; tone: Tone }>> = {
  draft: { title: 'Draft', tone: 'neutral' },
  scheduled: { title: 'Waits for its time', tone: 'info' },
  applied: { title: 'Applied', tone: 'good' },
  rolled_back: { title: 'Rolled back', tone: 'warn' },
};
const stateNames = ['draft', 'scheduled', 'applied', 'rolled_back'] as const;

type Step = 'apply' | 'remove' | 'rollback';
const steps: Readonly<Record<Step, { title: string; text: string }>> = {
  apply: { title: 'Apply it now', text: 'All of its changes count at once, or none of them.' },
  remove: { title: 'Drop it', text: 'None of its changes will be made.' },
  rollback: { title: 'Roll it back', text: 'Everything is set again as it was before these changes.' },
};

/** Changes of several settings that go together, now or at a time. */
export function ChangeSetsPanel({ round }: { round: number }) {
  const { busy, run } = useAction();
  const [state, setState] = useState('');
  const [edited, setEdited] = useState<ChangeSet | 'new' | null>(null);
  const [asked, setAsked] = useState<{ step: Step; set: ChangeSet } | null>(null);
  const wanted = stateNames.find((one) => one === state);
  const filter = wanted ? { state: wanted } : {};
  const pages = usePages<ChangeSet>((input) => hub.configuration.changeSets({ ...filter, ...input }), {
    limit: 15,
    key: state,
    round,
  });
  const names = useNames((pages.rows ?? []).map(({ createdBy }) => createdBy));
  const take = async ({ step, set: { id: changeSetId, version } }: { step: Step; set: ChangeSet }) => {
    const work = {
      apply: () => hub.configuration.applyChangeSet({ changeSetId }),
      remove: () => hub.configuration.removeChangeSet({ changeSetId }, { ifMatch: version }),
      rollback: () => hub.configuration.rollback({ changeSetId }),
    };
    await run(step, work[step]);
    setAsked(null);
    pages.retry();
  };
  return (
    <>
      <PagedPanel
        title="Sets of changes"
        aside={
          <>
            <Select aria-label="State" value={state} onChange={(event) => setState(event.target.value)}>
              <option value="">All</option>
              {stateNames.map((one) => (
                <option key={one} value={one}>
                  {states[one].title}
                </option>
              ))}
            </Select>
            <Button icon="plus" onClick={() => setEdited('new')}>
              Plan changes
            </Button>
          </>
        }
        pages={pages}
        empty={{
          icon: 'settings',
          title: 'Nothing is planned',
          text: 'Several settings can be changed together, also at a time to come.',
        }}
      >
        {(rows) => (
          <ul className="row-list">
            {rows.map((set) => (
              <SetRow
                key={set.id}
                set={set}
                author={names.get(set.createdBy)}
                onEdit={() => setEdited(set)}
                onStep={(step) => setAsked({ step, set })}
              />
            ))}
          </ul>
        )}
      </PagedPanel>
      {edited && (
        <ChangeSetDialog set={edited === 'new' ? null : edited} onClose={() => setEdited(null)} onSaved={pages.retry} />
      )}
      {asked && (
        <Confirm
          title={`${steps[asked.step].title}?`}
          submit={steps[asked.step].title}
          busy={busy !== null}
          onClose={() => setAsked(null)}
          onConfirm={() => void take(asked)}
        >
          {steps[asked.step].text}
        </Confirm>
      )}
    </>
  );
}

interface SetRowProps {
  set: ChangeSet;
  author: string | undefined;
  onEdit: () => void;
  onStep: (step: Step) => void;
}

function SetRow({ set, author, onEdit, onStep }: SetRowProps) {
  const { state, items, applyAt, appliedAt, reason, failure, createdAt } = set;
  const isOpen = state === 'draft' || state === 'scheduled';
  const when =
    appliedAt !== null
      ? `applied ${formatMoment(appliedAt)}`
      : applyAt !== null
        ? `for ${formatMoment(applyAt)}`
        : null;
  return (
    <li className="row flag">
      <span className="row-text">
        <span>{reason ?? `Planned ${formatMoment(createdAt)}`}</span>
        <span className="small muted">{[author, when].filter(Boolean).join(' · ')}</span>
        {failure !== null && <span className="small field-error">Could not be applied: {failure}</span>}
        <details>
          <summary>{items.length === 1 ? '1 change' : `${items.length} changes`}</summary>
          <ul className="small">
            {items.map((item) => (
              <li key={`${item.level} ${item.ownerId} ${item.key}`}>
                {areaOf(item.key)}: {nameOf(item.key)} → {item.isRemoval ? 'taken away' : valueText(item.value)} (for
                the {sourceTitles[item.level]})
              </li>
            ))}
          </ul>
        </details>
      </span>
      <span className="row-end">
        <Badge tone={states[state].tone}>{states[state].title}</Badge>
        {isOpen && (
          <>
            <Button kind="quiet" onClick={onEdit}>
              Change
            </Button>
            <Button kind="quiet" onClick={() => onStep('apply')}>
              Apply
            </Button>
            <Button kind="quiet" onClick={() => onStep('remove')}>
              Drop
            </Button>
          </>
        )}
        {state === 'applied' && (
          <Button kind="quiet" onClick={() => onStep('rollback')}>
            Roll back
          </Button>
        )}
      </span>
    </li>
  );
}
