import type { AlertRule } from '@loro/contracts/activity-metrics';
import type { Branch } from '@loro/contracts/branches';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { usePermission } from '../../app/session';
import { useAction } from '../../app/use-action';
import { usePages } from '../../app/use-pages';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { RuleDialog } from './rule-dialog';

/** Which metrics are watched. */
export function RulesPanel({ branches }: { branches: readonly Branch[] }) {
  const mayManage = usePermission('metrics.manage');
  const { busy, run } = useAction();
  const [edited, setEdited] = useState<AlertRule | 'new' | null>(null);
  const [removed, setRemoved] = useState<AlertRule | null>(null);
  const pages = usePages<AlertRule>((input) => hub.activity.alertRules(input), { limit: 25 });
  const toggle = async ({ id: alertRuleId, isEnabled, version }: AlertRule) => {
    const change = { alertRuleId, isEnabled: !isEnabled };
    if (await run(alertRuleId, () => hub.activity.updateAlertRule(change, { ifMatch: version }))) pages.retry();
  };
  const remove = async ({ id: alertRuleId, version }: AlertRule) => {
    await run('remove', () => hub.activity.removeAlertRule({ alertRuleId }, { ifMatch: version }));
    setRemoved(null);
    pages.retry();
  };
  return (
    <>
      <PagedPanel
        title="Rules"
        aside={
          mayManage && (
            <Button icon="plus" onClick={() => setEdited('new')}>
              Watch a metric
            </Button>
          )
        }
        pages={pages}
        empty={{ icon: 'alert', title: 'Nothing is watched', text: 'A rule says when a metric wants attention.' }}
      >
        {(rows) => (
          <ul className="row-list">
            {rows.map((rule) => (
              <li className="row row-wrap" key={rule.id}>
                <span className="row-text">
                  <span>{rule.name}</span>
                  <span className="small muted">
                    {[
                      wordsOf(rule),
                      branches.find(({ id }) => id === rule.branchId)?.name ?? 'the whole organisation',
                    ].join(' · ')}
                  </span>
                </span>
                <span className="row-end">
                  {!rule.isEnabled && <Badge>Off</Badge>}
                  {mayManage && (
                    <>
                      <Button kind="quiet" aria-label={`Change ${rule.name}`} onClick={() => setEdited(rule)}>
                        Change
                      </Button>
                      <Button
                        kind="quiet"
                        busy={busy === rule.id}
                        aria-label={`Switch ${rule.name} ${rule.isEnabled ? 'off' : 'on'}`}
                        onClick={() => void toggle(rule)}
                      >
                        {rule.isEnabled ? 'Switch off' : 'Switch on'}
                      </Button>
                      <Button kind="quiet" aria-label={`Remove ${rule.name}`} onClick={() => setRemoved(rule)}>
                        Remove
                      </Button>
                    </>
                  )}
                </span>
              </li>
            ))}
          </ul>
        )}
      </PagedPanel>
      {edited && (
        <RuleDialog
          rule={edited === 'new' ? null : edited}
          branches={branches}
          onClose={() => setEdited(null)}
          onSaved={pages.retry}
        />
      )}
      {removed && (
        <Confirm
          title={`Watch ${removed.name} no longer?`}
          submit="Remove it"
          busy={busy === 'remove'}
          onClose={() => setRemoved(null)}
          onConfirm={() => void remove(removed)}
        >
          What it said so far goes with it.
        </Confirm>
      )}
    </>
  );
}

function wordsOf({ metric, expr, forSec }: AlertRule): string {
  if ('baseline' in expr) return `${metric} is far from what is usual at that hour`;
  return `${metric} ${expr.op} ${expr.threshold} for ${Math.round(forSec / 60)} min`;
}
