import { LoroError, ulid } from '@loro/client';
import type { Branch } from '@loro/contracts/branches';
import type { CheckIn } from '@loro/contracts/check-ins';
import type { CheckInType } from '@loro/contracts/check-ins-values';
import { type FormEvent, useEffect, useState } from 'react';
import { hub } from '../../app/hub';
import { describeProblem, fieldErrorsOf, toastProblem } from '../../app/problem';
import { useMe } from '../../app/session';
import { useRequest } from '../../app/use-request';
import { Button } from '../../ui/button';
import { SelectField, TextField } from '../../ui/field';
import { formatDuration, formatWhen } from '../../ui/format';
import { Failed, Panel, Skeleton } from '../../ui/panel';
import { toast } from '../../ui/toast';
import { useNow } from '../../ui/use-now';
import { typeTitles, types } from './check-in-words';
import { currentPlace } from './position';

interface OwnCheckInProps {
  branches: readonly Branch[];
  onDone: (checkIn: CheckIn) => void;
}

/** Checking oneself in and out, from here or from the phone: both show the same. */
export function OwnCheckIn({ branches, onDone }: OwnCheckInProps) {
  const { user } = useMe();
  const request = useRequest(`own-check-in:${user.id}`, () =>
    hub.checkIns.list({ userId: user.id, open: 'true', limit: 1 }),
  );
  const [heard, setHeard] = useState<CheckIn | null>(null);

  useEffect(() => {
    const hear = (checkIn: CheckIn) => {
      if (checkIn.userId === user.id) setHeard(checkIn);
    };
    const offs = [hub.checkIns.on('check-in:started', hear), hub.checkIns.on('check-in:ended', hear)];
    return () => {
      for (const off of offs) off();
    };
  }, [user.id]);

  const done = (checkIn: CheckIn) => {
    setHeard(checkIn);
    onDone(checkIn);
  };
  if (request.state === 'loading') {
    return (
      <Panel title="You">
        <Skeleton lines={1} label="Loading your check-in" />
      </Panel>
    );
  }
  if (request.state === 'failed') {
    const { title, detail } = describeProblem(request.error);
    return (
      <Panel title="You">
        <Failed title={title} detail={detail} onRetry={request.retry} />
      </Panel>
    );
  }
  const newest = heard ?? request.data.data[0] ?? null;
  const open = newest !== null && newest.endedAt === null ? newest : null;
  return (
    <Panel title="You">
      {open ? (
        <CheckedIn checkIn={open} branches={branches} onDone={done} />
      ) : (
        <CheckInForm branches={branches} onDone={done} />
      )}
    </Panel>
  );
}

function CheckedIn({ checkIn, branches, onDone }: OwnCheckInProps & { checkIn: CheckIn }) {
  const now = useNow();
  const [isBusy, setBusy] = useState(false);
  const branch = branches.find(({ id }) => id === checkIn.branchId);

  const end = async () => {
    setBusy(true);
    try {
      const ended = await hub.checkIns.end({ checkInId: checkIn.id, position: await currentPlace() });
      toast({ tone: 'good', title: 'You are checked out' });
      onDone(ended);
    } catch (error) {
      toastProblem(error);
      setBusy(false);
    }
  };
  return (
    <div className="own">
      <p>
        <span className="own-place">{branch?.name ?? 'Checked in'}</span>
        <span className="muted small">
          Since <span className="num">{formatWhen(checkIn.startedAt, now)}</span>
        </span>
      </p>
      <p className="own-time num">{formatDuration(now - Date.parse(checkIn.startedAt))}</p>
      <Button icon="arrowOut" busy={isBusy} onClick={() => void end()}>
        Check out
      </Button>
    </div>
  );
}

function CheckInForm({ branches, onDone }: OwnCheckInProps) {
  const { user } = useMe();
  const [branchId, setBranchId] = useState(user.homeBranchId ?? branches[0]?.id ?? '');
  const [type, setType] = useState<CheckInType>('field-work');
  const [note, setNote] = useState<string | null>(null);
  const [isRefused, setRefused] = useState(false);
  const [errors, setErrors] = useState<Partial<Record<string, string>>>({});
  const [isBusy, setBusy] = useState(false);

  const start = async (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setErrors({});
    try {
      onDone(await begin({ type, branchId, note: note?.trim() ?? '', isForced: isRefused }));
    } catch (error) {
      const refused = fieldErrorsOf(error);
      setErrors(refused);
      setRefused(error instanceof LoroError && error.code === 'LOCATION_TOO_INACCURATE');
      if (Object.keys(refused).length === 0) toastProblem(error);
      setBusy(false);
    }
  };
  return (
    <form className="own" onSubmit={(event) => void start(event)} noValidate>
      {branches.length > 0 && (
        <SelectField
          label="Branch"
          value={branchId}
          error={errors.branchId}
          onChange={(event) => setBranchId(event.target.value)}
        >
          {branches.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
      )}
      <SelectField
        label="What for"
        value={type}
        error={errors.type}
        onChange={({ target }) => setType(types.find((one) => one === target.value) ?? type)}
      >
        {types.map((one) => (
          <option key={one} value={one}>
            {typeTitles[one]}
          </option>
        ))}
      </SelectField>
      {note === null && (
        <div className="own-note">
          <Button kind="quiet" icon="plus" onClick={() => setNote('')}>
            Add a note
          </Button>
        </div>
      )}
      {note !== null && (
        <TextField
          label="Note"
          maxLength={500}
          autoComplete="off"
          // It was asked for a moment ago, by the button in its place.
          autoFocus
          value={note}
          error={errors.note}
          onChange={(event) => setNote(event.target.value)}
        />
      )}
      {isRefused && (
        <p className="small muted">
          Your place is not exact enough. Wait for a better one, or let somebody look at it.
        </p>
      )}
      <Button type="submit" kind="primary" icon="arrowIn" busy={isBusy}>
        {isRefused ? 'Check in, to be looked at' : 'Check in'}
      </Button>
    </form>
  );
}

interface Beginning {
  type: CheckInType;
  branchId: string;
  note: string;
  /** Handed to a reviewer though the place is not known well enough. */
  isForced: boolean;
}

async function begin({ type, branchId, note, isForced }: Beginning): Promise<CheckIn> {
  const place = await currentPlace();
  const said = { ...(branchId !== '' && { branchId }), ...(note !== '' && { note }) };
  if (type === 'field-work' && !isForced) {
    const started = await hub.checkIns.start({ position: place, ...said });
    toast({ tone: 'good', title: 'You are checked in' });
    return started;
  }
  const { id, status, explanation } = await hub.checkIns.record({
    clientId: ulid(),
    type,
    kind: 'in',
    position: place,
    ...(isForced && { forceReview: true }),
    ...said,
  });
  const title = status === 'flagged' ? 'You are checked in, and somebody will look at it' : 'You are checked in';
  toast({ tone: 'good', title, detail: explanation });
  return hub.checkIns.get({ checkInId: id });
}
