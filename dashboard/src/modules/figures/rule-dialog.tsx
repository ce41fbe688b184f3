import type { AlertRule } from '@loro/contracts/activity-metrics';
import type { Branch } from '@loro/contracts/branches';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { useMe } from '../../app/session';
import { Dialog } from '../../ui/dialog';
import { SelectField, TextField } from '../../ui/field';
import { Segments } from '../../ui/segments';
import { useForm } from '../auth/use-form';
import { reaches } from '../people/reach';
import { useMetrics } from './use-metrics';

interface RuleDialogProps {
  /** Null watches something new. */
  rule: AlertRule | null;
  branches: readonly Branch[];
  onClose: () => void;
  onSaved: () => void;
}

const severities = ['info', 'warning', 'critical'] as const;
const comparisons = ['>', '>=', '<', '<='] as const;

export function RuleDialog({ rule, branches, onClose, onSaved }: RuleDialogProps) {
  const me = useMe();
  const metrics = useMetrics();
  const own = branches.filter(({ id }) => reaches(me, 'metrics.manage', { homeBranchId: id }));
  const mayWatchAll = reaches(me, 'metrics.manage', { homeBranchId: null });
  const limit = rule && !('baseline' in rule.expr) ? rule.expr : null;
  const [name, setName] = useState(rule?.name ?? '');
  const [chosen, setMetric] = useState(rule?.metric ?? '');
  const [kind, setKind] = useState<'limit' | 'usual'>(rule && !limit ? 'usual' : 'limit');
  const [op, setOp] = useState<(typeof comparisons)[number]>(limit?.op ?? '>');
  const [threshold, setThreshold] = useState(String(limit?.threshold ?? ''));
  const [minutes, setMinutes] = useState(String((rule?.forSec ?? 60) / 60));
  const [severity, setSeverity] = useState<AlertRule['severity']>(rule?.severity ?? 'warning');
  const [branchId, setBranch] = useState(rule ? (rule.branchId ?? '') : mayWatchAll ? '' : (own[0]?.id ?? ''));
  const defs = metrics.state === 'ready' ? metrics.data : [];
  const metric = chosen === '' ? (defs[0]?.key ?? '') : chosen;
  const { errors, isBusy, submit } = useForm(
    async () => {
      const expr =
        kind === 'limit'
          ? { op, threshold: threshold.trim() === '' ? Number.NaN : Number(threshold) }
          : { baseline: { method: 'hour-of-week' as const } };
      const said = { name, expr, severity, forSec: Math.round(Number(minutes) * 60) };
      if (rule) await hub.activity.updateAlertRule({ alertRuleId: rule.id, ...said }, { ifMatch: rule.version });
      else await hub.activity.createAlertRule({ ...said, metric, branchId: branchId === '' ? null : branchId });
      onSaved();
      onClose();
    },
    { METRIC_UNKNOWN: 'metric' },
  );
  return (
    <Dialog
      title={rule ? `Change ${rule.name}` : 'Watch a metric'}
      submit={rule ? 'Save it' : 'Watch it'}
      busy={isBusy}
      onClose={onClose}
      onSubmit={submit}
    >
      <TextField
        label="Name"
        autoComplete="off"
        value={name}
        error={errors['name']}
        onChange={(event) => setName(event.target.value)}
      />
      {rule === null && (
        <>
          <SelectField
            label="Metric"
            value={metric}
            error={errors['metric']}
            onChange={(event) => setMetric(event.target.value)}
          >
            {defs.map((def) => (
              <option key={def.key} value={def.key}>
                {def.name}
              </option>
            ))}
          </SelectField>
          <SelectField
            label="Of"
            value={branchId}
            error={errors['branchId']}
            onChange={(event) => setBranch(event.target.value)}
          >
            {mayWatchAll && <option value="">The whole organisation</option>}
            {own.map((branch) => (
              <option key={branch.id} value={branch.id}>
                {branch.name}
              </option>
            ))}
          </SelectField>
        </>
      )}
      <Segments
        legend="When it wants attention"
        choices={[
          { choice: 'limit', title: 'Beyond a limit' },
          { choice: 'usual', title: 'Unlike other weeks' },
        ]}
        value={kind}
        onChange={setKind}
      />
      {kind === 'limit' && (
        <div className="field-pair">
          <SelectField
            label="Is"
            value={op}
            onChange={({ target }) => setOp(comparisons.find((one) => one === target.value) ?? op)}
          >
            <option value=">">more than</option>
            <option value=">=">at least</option>
            <option value="<">less than</option>
            <option value="<=">at most</option>
          </SelectField>
          <TextField
            label="Limit"
            type="number"
            step="any"
            value={threshold}
            error={errors['threshold'] ?? errors['expr']}
            onChange={(event) => setThreshold(event.target.value)}
          />
        </div>
      )}
      <TextField
        label="For so many minutes"
        type="number"
        min={0}
        value={minutes}
        error={errors['forSec']}
        onChange={(event) => setMinutes(event.target.value)}
      />
      <SelectField
        label="How bad"
        value={severity}
        onChange={({ target }) => setSeverity(severities.find((one) => one === target.value) ?? severity)}
      >
        <option value="info">Good to know</option>
        <option value="warning">A warning</option>
        <option value="critical">Critical</option>
      </SelectField>
    </Dialog>
  );
}
