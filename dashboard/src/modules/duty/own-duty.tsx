import { useState } from 'react';
import { hub } from '../../app/hub';
import { useMe } from '../../app/session';
import { useAction } from '../../app/use-action';
import { useHeard } from '../../app/use-heard';
import { useRequest } from '../../app/use-request';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { Panel } from '../../ui/panel';
import { Segments } from '../../ui/segments';
import { toast } from '../../ui/toast';
import { currentPlace } from '../check-ins/position';

const choices = [
  { choice: 'on', title: 'On duty' },
  { choice: 'break', title: 'Break' },
  { choice: 'away', title: 'Away' },
  { choice: 'off', title: 'Off' },
] as const;

/** One's own state, and the way to call for help. */
export function OwnDuty() {
  const { user } = useMe();
  const { busy, run } = useAction();
  const request = useRequest('own duty', () => hub.duty.mine());
  const [isCalling, setCalling] = useState(false);
  useHeard((heard) => [hub.checkIns.on('duty:changed', ({ userId }) => userId === user.id && heard())], request.reload);
  if (request.state !== 'ready') return null;
  const set = async (state: (typeof choices)[number]['choice']) => {
    if (await run('set', () => hub.duty.set({ state }))) request.reload();
  };
  const call = async () => {
    setCalling(false);
    await run('call', async () => {
      // Help is called for even where nobody can tell where.
      const place = await currentPlace().catch(() => null);
      await hub.duty.panic(place ? { position: place } : {});
      toast({ title: 'Help is called', detail: 'Those who look at your branch are told.', tone: 'good' });
    });
  };
  return (
    <Panel
      title="You"
      aside={
        <Button kind="danger" busy={busy === 'call'} onClick={() => setCalling(true)}>
          Call for help
        </Button>
      }
    >
      <Segments
        legend="Your state"
        choices={choices}
        value={request.data.state}
        onChange={(state) => void set(state)}
      />
      {isCalling && (
        <Confirm
          title="Call for help?"
          submit="Call for help"
          busy={busy === 'call'}
          onClose={() => setCalling(false)}
          onConfirm={() => void call()}
        >
          Everybody who looks at your branch is told at once, with your place.
        </Confirm>
      )}
    </Panel>
  );
}
