import type { StorageTarget } from '@loro/contracts/storage-targets';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { useAction } from '../../app/use-action';
import { usePages } from '../../app/use-pages';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { toast } from '../../ui/toast';
import { checkedText, ConnectionBadge } from './connection-words';
import { type MigrationIds, MigrationPanel } from './migration-panel';
import { MigrateDialog } from './migrate-dialog';
import { RotateDialog } from './rotate-dialog';
import { driverTitles } from './storage-config';
import { StorageDialog } from './storage-dialog';

type Asked =
  | { what: 'edit'; target: StorageTarget | null }
  | { what: 'rotate' | 'remove' | 'migrate'; target: StorageTarget };

/** Where the organisation keeps its files. */
export function StoragePanel() {
  const { busy, run } = useAction();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [migration, setMigration] = useState<MigrationIds | null>(null);
  const pages = usePages<StorageTarget>((input) => hub.storageTargets.list(input), { limit: 25 });
  const close = () => setAsked(null);
  const test = async ({ id: storageTargetId, name }: StorageTarget) => {
    await run(`test ${storageTargetId}`, async () => {
      const { isOk, detail } = await hub.storageTargets.test({ storageTargetId });
      toast({ title: isOk ? `${name} keeps files` : `${name} does not work`, detail, tone: isOk ? 'good' : 'bad' });
    });
    pages.retry();
  };
  const remove = async ({ id: storageTargetId, version }: StorageTarget) => {
    await run('remove', () => hub.storageTargets.remove({ storageTargetId }, { ifMatch: version }));
    close();
    pages.retry();
  };
  return (
    <>
      <PagedPanel
        title="Places for files"
        aside={
          <Button icon="plus" onClick={() => setAsked({ what: 'edit', target: null })}>
            Add a place
          </Button>
        }
        pages={pages}
        empty={{
          icon: 'journal',
          title: 'Only the hub’s own',
          text: 'Files lie where whoever runs the hub keeps them.',
        }}
      >
        {(rows) => (
          <ul className="row-list">
            {rows.map((target) => (
              <li className="row row-wrap" key={target.id}>
                <span className="row-text">
                  <span>{target.name}</span>
                  <span className="small muted">
                    {[driverTitles[target.place.driver], checkedText(target)].filter(Boolean).join(' · ')}
                  </span>
                </span>
                <span className="row-end">
                  {target.kinds.map((kind) => (
                    <Badge key={kind} tone="info">
                      {kind}
                    </Badge>
                  ))}
                  <ConnectionBadge state={target.state} />
                  <TargetButtons
                    target={target}
                    isBusy={busy === `test ${target.id}`}
                    onTest={() => void test(target)}
                    onAsk={(what) => setAsked({ what, target })}
                  />
                </span>
              </li>
            ))}
          </ul>
        )}
      </PagedPanel>
      {migration && <MigrationPanel key={migration.migrationId} ids={migration} />}
      {asked?.what === 'edit' && <StorageDialog target={asked.target} onClose={close} onSaved={pages.retry} />}
      {asked?.what === 'rotate' && (
        <RotateDialog
          name={asked.target.name}
          onClose={close}
          rotate={(rotation) => hub.storageTargets.rotate({ storageTargetId: asked.target.id, ...rotation })}
          onDone={pages.retry}
        />
      )}
      {asked?.what === 'migrate' && (
        <MigrateDialog target={asked.target} targets={pages.rows ?? []} onClose={close} onBegun={setMigration} />
      )}
      {asked?.what === 'remove' && (
        <Confirm
          title={`Forget ${asked.target.name}?`}
          submit="Forget it"
          busy={busy === 'remove'}
          onClose={close}
          onConfirm={() => void remove(asked.target)}
        >
          The files there stay; the hub does not know them any more.
        </Confirm>
      )}
    </>
  );
}

interface TargetButtonsProps {
  target: StorageTarget;
  isBusy: boolean;
  onTest: () => void;
  onAsk: (what: 'edit' | 'rotate' | 'migrate' | 'remove') => void;
}

function TargetButtons({ target: { name, place }, isBusy, onTest, onAsk }: TargetButtonsProps) {
  return (
    <>
      <Button kind="quiet" busy={isBusy} aria-label={`Try ${name}`} onClick={onTest}>
        Try
      </Button>
      <Button kind="quiet" aria-label={`Change ${name}`} onClick={() => onAsk('edit')}>
        Change
      </Button>
      {place.driver !== 'local' && (
        <Button kind="quiet" aria-label={`New secret for ${name}`} onClick={() => onAsk('rotate')}>
          New secret
        </Button>
      )}
      <Button kind="quiet" aria-label={`Copy the files of ${name} elsewhere`} onClick={() => onAsk('migrate')}>
        Copy elsewhere
      </Button>
      <Button kind="quiet" aria-label={`Forget ${name}`} onClick={() => onAsk('remove')}>
        Forget
      </Button>
    </>
  );
}
