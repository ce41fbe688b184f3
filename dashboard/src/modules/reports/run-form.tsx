import type { Branch } from '@loro/contracts/branches';
import type { ReportRun } from '@loro/contracts/reports';
import { type FormEvent, useState } from 'react';
import { hub } from '../../app/hub';
import { fieldErrorsOf, toastProblem } from '../../app/problem';
import { useMe } from '../../app/session';
import { Button } from '../../ui/button';
import { SelectField, TextField } from '../../ui/field';
import { Panel } from '../../ui/panel';
import { hubNow } from '../../ui/use-now';
import { daysBefore, todayIn } from './dates';

const ranges = [
  { title: 'Today', days: 1 },
  { title: '7 days', days: 7 },
  { title: '30 days', days: 30 },
] as const;

interface RunFormProps {
  branches: readonly Branch[];
  onRequested: (run: ReportRun) => void;
}

export function RunForm({ branches, onRequested }: RunFormProps) {
  const { organisation } = useMe();
  const today = todayIn(organisation.timezone, hubNow());
  const [from, setFrom] = useState(() => daysBefore(today, 6));
  const [to, setTo] = useState(today);
  const [branchId, setBranchId] = useState('');
  const [errors, setErrors] = useState<Partial<Record<string, string>>>({});
  const [isBusy, setBusy] = useState(false);

  const request = async (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    const missing = { ...(from === '' && { from: 'Choose a day.' }), ...(to === '' && { to: 'Choose a day.' }) };
    setErrors(missing);
    if (Object.keys(missing).length > 0) return;
    setBusy(true);
    try {
      const params = { from, to, ...(branchId !== '' && { branchId }) };
      onRequested(await hub.reports.request({ kind: 'tracking.daily-distance', params }));
    } catch (error) {
      const refused = fieldErrorsOf(error);
      setErrors(refused);
      if (Object.keys(refused).length === 0) toastProblem(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Panel title="Distance by person and day">
      <form className="run-form" onSubmit={(event) => void request(event)} noValidate>
        <div className="run-ranges" role="group" aria-label="Range">
          {ranges.map(({ title, days }) => (
            <button
              key={title}
              type="button"
              className="chip"
              aria-pressed={to === today && from === daysBefore(today, days - 1)}
              onClick={() => {
                setFrom(daysBefore(today, days - 1));
                setTo(today);
                setErrors({});
              }}
            >
              {title}
            </button>
          ))}
        </div>
        <div className="run-dates">
          <TextField
            label="From"
            type="date"
            max={today}
            value={from}
            error={errors.from}
            onChange={(event) => setFrom(event.target.value)}
          />
          <TextField
            label="To"
            type="date"
            max={today}
            value={to}
            error={errors.to}
            onChange={(event) => setTo(event.target.value)}
          />
        </div>
        {branches.length > 1 && (
          <SelectField
            label="Branch"
            value={branchId}
            error={errors.branchId}
            onChange={(event) => setBranchId(event.target.value)}
          >
            <option value="">All branches</option>
            {branches.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
        )}
        <Button type="submit" kind="primary" icon="reports" busy={isBusy}>
          Make the report
        </Button>
      </form>
    </Panel>
  );
}
