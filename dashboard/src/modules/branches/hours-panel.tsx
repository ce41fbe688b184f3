import type { Branch } from '@loro/contracts/branches';
import type { BranchHours } from '@loro/contracts/branches-hours';
import { useState } from 'react';
import type { z } from 'zod';
import { hub } from '../../app/hub';
import { LoadedPanel } from '../../app/loaded';
import { useMe } from '../../app/session';
import { useAction } from '../../app/use-action';
import { useRequest } from '../../app/use-request';
import { Button } from '../../ui/button';
import { SelectField } from '../../ui/field';
import { Panel } from '../../ui/panel';
import { Segments } from '../../ui/segments';
import { toast } from '../../ui/toast';
import { useForm } from '../auth/use-form';
import { reaches } from '../people/reach';
import { type HoursKind, spansOf, weekdayName, weekdays, withDay } from './hours-draft';
import { SpanFields } from './span-fields';

type Hours = z.infer<typeof BranchHours>;

const kinds: readonly { choice: HoursKind; title: string }[] = [
  { choice: 'public', title: 'For everybody' },
  { choice: 'staff', title: 'For staff' },
];

/** When a branch is open, by weekday. */
export function HoursPanel({ branch, onChange }: { branch: Branch; onChange: () => void }) {
  const { id: branchId, version } = branch;
  const request = useRequest(`${branchId} ${version}`, () => hub.branches.hours({ branchId }));
  const changed = () => {
    request.reload();
    onChange();
  };
  return (
    <LoadedPanel request={request} what="the hours" lines={5}>
      {(hours) => <Week key={hours.version} branch={branch} hours={hours} onChange={changed} />}
    </LoadedPanel>
  );
}

interface WeekProps {
  branch: Branch;
  hours: Hours;
  onChange: () => void;
}

function Week({ branch, hours, onChange }: WeekProps) {
  const mayUpdate = reaches(useMe(), 'branches.update', { homeBranchId: branch.id });
  const [kind, setKind] = useState<HoursKind>('public');
  const [weekly, setWeekly] = useState<Hours['weekly']>(hours.weekly);
  const [closedOnHolidays, setClosed] = useState(hours.closedOnHolidays);
  const { errors, isBusy, submit } = useForm(
    async () => {
      const input = { branchId: branch.id, weekly: [...weekly], closedOnHolidays };
      await hub.branches.setHours(input, { ifMatch: hours.version });
      toast({ title: 'The hours are set', tone: 'good' });
      onChange();
    },
    { HOURS_OVERLAP: 'overlap' },
  );
  const isChanged = weekly !== hours.weekly || closedOnHolidays !== hours.closedOnHolidays;
  const wrong = Object.values(errors)[0];
  return (
    <Panel
      title="Hours of the week"
      aside={<Segments legend="Whose hours" choices={kinds} value={kind} onChange={setKind} />}
    >
      <form onSubmit={submit} noValidate>
        <p className="small muted">
          Wall time in {hours.timezone}. Hours that end at or before they begin end on the next day.
        </p>
        {weekdays.map((weekday) => {
          const name = weekdayName(weekday);
          const spans = spansOf(weekly, kind, weekday);
          return (
            <fieldset className="hours-day" key={weekday} disabled={!mayUpdate}>
              <legend>{name}</legend>
              {mayUpdate && (
                <SpanFields
                  day={name}
                  spans={spans}
                  onChange={(next) => setWeekly((old) => [...withDay(old, { kind, weekday }, next)])}
                />
              )}
              {!mayUpdate && (
                <span className="num">
                  {spans.map(({ opensAt, closesAt }) => `${opensAt}–${closesAt}`).join(', ') || 'Closed'}
                </span>
              )}
            </fieldset>
          );
        })}
        {wrong !== undefined && <p className="field-error">{wrong}</p>}
        {mayUpdate && (
          <div className="stack">
            <label className="check">
              <input type="checkbox" checked={closedOnHolidays} onChange={(event) => setClosed(event.target.checked)} />
              Closed on holidays
            </label>
            <CalendarChoice branch={branch} onChange={onChange} />
            <div className="dialog-end">
              <Button type="submit" kind="primary" busy={isBusy} disabled={!isChanged}>
                Set the hours
              </Button>
            </div>
          </div>
        )}
      </form>
    </Panel>
  );
}

/** Which calendar says what a holiday is here. */
function CalendarChoice({ branch, onChange }: { branch: Branch; onChange: () => void }) {
  const request = useRequest('calendars', async () => (await hub.branches.calendars({ limit: 200 })).data);
  const { run } = useAction();
  const choose = async (id: string) => {
    const input = { branchId: branch.id, holidayCalendarId: id === '' ? null : id };
    if (await run('calendar', () => hub.branches.update(input, { ifMatch: branch.version }))) onChange();
  };
  const calendars = request.state === 'ready' ? request.data : [];
  return (
    <SelectField
      label="Calendar of holidays"
      value={branch.holidayCalendarId ?? ''}
      onChange={(event) => void choose(event.target.value)}
    >
      <option value="">None</option>
      {calendars.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}
