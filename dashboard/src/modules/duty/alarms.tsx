import type { Alarm } from '@loro/contracts/check-ins-live';
import type { z } from 'zod';
import { useEffect, useState } from 'react';
import { hub } from '../../app/hub';
import { useAction } from '../../app/use-action';
import { Button } from '../../ui/button';
import { formatWhen } from '../../ui/format';
import { Icon } from '../../ui/icons';
import { useNow } from '../../ui/use-now';
import { useNames } from '../people/use-names';
import './duty.css';

type Raised = z.infer<typeof Alarm>;

/** Whoever needs help now, above everything else. */
export function Alarms({ branchId }: { branchId: string }) {
  const now = useNow();
  const { busy, run } = useAction();
  const [alarms, setAlarms] = useState<readonly Raised[]>([]);
  useEffect(() => {
    const hear = (alarm: Raised) =>
      setAlarms((old) => {
        const others = old.filter(({ id }) => id !== alarm.id);
        return alarm.endedAt === null ? [...others, alarm] : others;
      });
    const offs = [hub.checkIns.on('alarm:raised', hear), hub.checkIns.on('alarm:ended', hear)];
    return () => {
      for (const off of offs) off();
    };
  }, []);
  const here = alarms.filter((alarm) => alarm.branchId === branchId);
  const names = useNames(here.map(({ userId }) => userId));
  return (
    <div role="alert">
      {here.map(({ id, userId, kind, at }) => (
        <div className="alarm" key={id}>
          <Icon name="alert" size={24} />
          <p>
            <strong>{names.get(userId) || 'Somebody'} needs help.</strong>{' '}
            <span className="small">
              {kind === 'panic' ? 'Called for it' : 'Did not say that all is well'}, {formatWhen(at, now)}
            </span>
          </p>
          <Button busy={busy === id} onClick={() => void run(id, () => hub.duty.endAlarm({ alarmId: id }))}>
            All is well
          </Button>
        </div>
      ))}
    </div>
  );
}
