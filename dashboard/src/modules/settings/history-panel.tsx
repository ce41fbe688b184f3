import type { SettingChange } from '@loro/contracts/configuration-values';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { usePermission } from '../../app/session';
import { useAction } from '../../app/use-action';
import { usePages } from '../../app/use-pages';
import { Button } from '../../ui/button';
import { formatMoment } from '../../ui/format';
import { useNames } from '../people/use-names';
import { areaOf, nameOf, sourceTitles, valueText } from './values';

interface HistoryPanelProps {
  /** Of one setting; of all without it. */
  settingKey?: string;
  round: number;
  onChange?: () => void;
}

/** What was changed, newest first, with the way back. */
export function HistoryPanel({ settingKey, round, onChange }: HistoryPanelProps) {
  const mayRollBack = usePermission('config.write-organisation');
  const { busy, run } = useAction();
  const filter = settingKey === undefined ? {} : { key: settingKey };
  const pages = usePages<SettingChange>((input) => hub.configuration.history({ ...filter, ...input }), {
    limit: settingKey === undefined ? 25 : 10,
    key: settingKey ?? '',
    round,
  });
  const names = useNames((pages.rows ?? []).map(({ actorId }) => actorId));
  const rollBack = async ({ id }: SettingChange) => {
    if (!(await run(id, () => hub.configuration.rollback({ changeId: id })))) return;
    pages.retry();
    onChange?.();
  };
  return (
    <PagedPanel
      title="History"
      pages={pages}
      empty={{ icon: 'journal', title: 'Never changed', text: 'What is changed from now on stands here.' }}
    >
      {(rows) => (
        <ul className="row-list">
          {rows.map((change) => (
            <li className="row" key={change.id}>
              <span className="row-text">
                {settingKey === undefined && (
                  <span>
                    {areaOf(change.key)}: {nameOf(change.key)}
                  </span>
                )}
                <span>
                  <del>{sideOf(change, 'before')}</del> → {sideOf(change, 'after')}
                  {change.isLocked && ', locked'}
                </span>
                <span className="small muted">
                  {formatMoment(change.at)} · {names.get(change.actorId ?? '') || 'the hub'} · for the{' '}
                  {sourceTitles[change.level]}
                  {change.reason !== null && ` · ${change.reason}`}
                </span>
              </span>
              {mayRollBack &&
                change.level !== 'platform' &&
                change.beforeHash === null &&
                change.afterHash === null && (
                  <Button
                    kind="quiet"
                    busy={busy === change.id}
                    aria-label={`Roll back to ${sideOf(change, 'before')}`}
                    onClick={() => void rollBack(change)}
                  >
                    Roll back
                  </Button>
                )}
            </li>
          ))}
        </ul>
      )}
    </PagedPanel>
  );
}

/** A secret tells nothing but that there was one. */
function sideOf(change: SettingChange, side: 'before' | 'after'): string {
  if ((side === 'before' ? change.beforeHash : change.afterHash) !== null) return 'a secret';
  return side in change ? valueText(change[side]) : 'not set';
}
