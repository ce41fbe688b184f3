import type { ImportReport } from '@loro/contracts/people-import';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { Link } from '../../app/routes';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { download } from '../../ui/download';
import { Field } from '../../ui/field';
import { Meter } from '../../ui/meter';
import { Panel } from '../../ui/panel';
import { toast } from '../../ui/toast';
import { useForm } from '../auth/use-form';
import { ImportOutcome } from './import-outcome';
import { roleName, useGivableRoles } from './use-roles';

const TEMPLATE =
  'email,name,phone,jobTitle,employeeNo,startedOn,timezone,locale,branch,manager,roles\n' +
  'naledi@example.com,Naledi Mokoena,+27821234567,Driver,E-100,2026-02-01,Africa/Johannesburg,en-ZA,,,staff\n';

/** People out of a CSV file: first looked at, then taken. */
export function ImportPage() {
  const roles = useGivableRoles();
  const [csv, setCsv] = useState('');
  const [fileName, setFileName] = useState<string | null>(null);
  const [role, setRole] = useState('staff');
  const [skipBad, setSkip] = useState(false);
  const [report, setReport] = useState<ImportReport | null>(null);
  const [isAsking, setAsking] = useState(false);
  const send = async (dryRun: boolean) => setReport(await hub.people.import({ csv, dryRun, skipBad, roles: [role] }));
  const check = useForm(() => send(true));
  const take = useForm(async () => {
    setAsking(false);
    await send(false);
    toast({ title: 'The people are here', detail: 'Whoever is new finds a link in the mail.', tone: 'good' });
  });
  const isBusy = check.isBusy || take.isBusy;
  const wrong = Object.values({ ...check.errors, ...take.errors })[0];
  const changed = (text: string, name: string | null) => {
    setCsv(text);
    setFileName(name);
    setReport(null);
  };
  const mayTake = report?.dryRun === true && report.created + report.updated > 0 && (report.bad === 0 || skipBad);
  return (
    <div className="page">
      <header className="page-head">
        <h1 tabIndex={-1}>People from a file</h1>
        <Link href="/people">All people</Link>
      </header>
      <div className="stack">
        <Panel
          title="The file"
          aside={
            <Button kind="quiet" icon="download" onClick={() => download('people.csv', TEMPLATE, 'text/csv')}>
              An example
            </Button>
          }
        >
          <form className="stack" onSubmit={check.submit} noValidate>
            <Field label="CSV file" hint="A heading line, then a person a line; up to 5 000." error={wrong}>
              {(control) => (
                <input
                  {...control}
                  className="input"
                  type="file"
                  accept=".csv,text/csv,text/plain"
                  onChange={({ target: { files } }) => {
                    const file = files?.[0];
                    if (file) void file.text().then((text) => changed(text, file.name));
                  }}
                />
              )}
            </Field>
            <details>
              <summary>Or paste its lines</summary>
              <Field label="Lines of the file">
                {(control) => (
                  <textarea
                    {...control}
                    className="input mono"
                    rows={6}
                    spellCheck={false}
                    value={csv}
                    onChange={({ target }) => changed(target.value, fileName)}
                  />
                )}
              </Field>
            </details>
            <Field label="Role for lines without one">
              {(control) => (
                <select {...control} className="input" value={role} onChange={({ target }) => setRole(target.value)}>
                  {[...new Set(['staff', ...roles.map(({ id }) => id)])].map((id) => (
                    <option key={id} value={id}>
                      {roleName(roles.find((one) => one.id === id)?.name ?? id)}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <label className="check">
              <input type="checkbox" checked={skipBad} onChange={({ target }) => setSkip(target.checked)} />
              Take the good lines and leave the bad ones
            </label>
            <div className="dialog-end">
              <Button
                type="submit"
                kind={mayTake ? 'plain' : 'primary'}
                busy={check.isBusy}
                disabled={csv.trim() === ''}
              >
                Look at it
              </Button>
              {mayTake && (
                <Button kind="primary" busy={take.isBusy} onClick={() => setAsking(true)}>
                  Take these people
                </Button>
              )}
            </div>
            {isBusy && (
              <Meter
                label="Reading the file"
                percent={null}
                text={check.isBusy ? 'Looking at every line' : 'Taking the people'}
              />
            )}
          </form>
        </Panel>
        {report && <ImportOutcome report={report} />}
      </div>
      {isAsking && report && (
        <Confirm
          title="Take these people?"
          submit="Take them"
          busy={take.isBusy}
          onClose={() => setAsking(false)}
          onConfirm={() => take.submit()}
        >
          {report.created} are invited by mail, {report.updated} are changed
          {report.bad > 0 && `, ${report.bad} lines are left out`}.
        </Confirm>
      )}
    </div>
  );
}
