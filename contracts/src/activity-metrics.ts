import { z } from 'zod';
import {
  aggregations,
  DimensionName,
  Dimensions,
  MetricKey,
  metricKinds,
  MOST_DIMENSIONS,
  tracked,
} from './activity-values';
import { act, create, get, list, PageQuery, patch, remove } from './kit/api';
import { Id, Instant, ShortText } from './kit/values';

export const MetricDef = z.object({
  /** Null for what the hub itself measures. */
  id: Id.nullable(),
  key: z.string(),
  name: z.string(),
  kind: z.enum(metricKinds),
  unit: z.string(),
  dimensions: z.array(z.string()),
  aggregation: z.enum(aggregations),
  formula: z.string().nullable(),
  isSystem: z.boolean(),
  version: z.int(),
});
export type MetricDef = z.infer<typeof MetricDef>;

const unit = z.string().trim().max(20);
const formula = z.string().trim().min(1).max(500);
/** How many are too many is said by DIMENSION_LIMIT. */
const dimensions = z.array(DimensionName).max(50);

export const NewMetricDef = z
  .strictObject({
    key: MetricKey,
    name: ShortText,
    kind: z.enum(metricKinds),
    unit: unit.default(''),
    dimensions: dimensions.default([]),
    aggregation: z.enum(aggregations).default('natural'),
    formula: formula.nullable().default(null),
  })
  .refine((def) => (def.kind === 'formula') === (def.formula !== null), {
    error: 'belongs to the kind formula, and to no other',
    path: ['formula'],
  });
export type NewMetricDef = z.infer<typeof NewMetricDef>;

export const MetricDefChange = z
  .strictObject({ name: ShortText, unit, aggregation: z.enum(aggregations), formula, dimensions })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' });

export const comparisons = ['>', '>=', '<', '<='] as const;
const WINDOW_MOST = 86_400;

/** Beyond a threshold, or too far from what is usual at that hour of the week. */
export const AlertExpression = z.union([
  z
    .strictObject({
      agg: z.enum(aggregations).default('natural'),
      windowSec: z.int().min(60).max(WINDOW_MOST).default(300),
      op: z.enum(comparisons),
      threshold: z.number(),
      /** Well again only past this one. */
      clear: z.number().optional(),
    })
    .refine(
      ({ op, threshold, clear }) =>
        clear === undefined || (op.startsWith('>') ? clear <= threshold : clear >= threshold),
      {
        error: 'is beyond the threshold',
        path: ['clear'],
      },
    ),
  z.strictObject({
    agg: z.enum(aggregations).default('natural'),
    /** The last full hour is held against the same hour of the weeks before. */
    baseline: z.strictObject({ method: z.literal('hour-of-week'), k: z.number().min(0.5).max(20).default(4) }),
  }),
]);
export type AlertExpression = z.infer<typeof AlertExpression>;

const Time = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'is HH:MM');
export const AlertMuteWindow = z.strictObject({
  /** Monday is 1. */
  days: z.array(z.int().min(1).max(7)).min(1).max(7),
  from: Time,
  to: Time,
});

export const alertSeverities = ['info', 'warning', 'critical'] as const;
export const noDataModes = ['ok', 'alert', 'keep'] as const;
const Targets = z.strictObject({ userIds: z.array(Id).max(50), mail: z.boolean() });
const HOURS_24 = 86_400;

const rule = {
  name: ShortText,
  expr: AlertExpression,
  where: Dimensions,
  /** An alert of its own for each value of these. */
  by: z.array(DimensionName).max(MOST_DIMENSIONS),
  forSec: z.int().min(0).max(HOURS_24),
  keepFiringSec: z.int().min(0).max(HOURS_24),
  noData: z.enum(noDataModes),
  severity: z.enum(alertSeverities),
  targets: Targets,
  muteWindows: z.array(AlertMuteWindow).max(20),
  isEnabled: z.boolean(),
};

export const AlertRule = z.object({
  ...rule,
  id: Id,
  metric: z.string(),
  branchId: Id.nullable(),
  createdBy: Id,
  createdAt: Instant,
  version: z.int(),
});
export type AlertRule = z.infer<typeof AlertRule>;

export const NewAlertRule = z.strictObject({
  ...rule,
  metric: MetricKey,
  /** Of this branch and those below it; null: of the whole organisation. */
  branchId: Id.nullable().default(null),
  where: rule.where.default({}),
  by: rule.by.default([]),
  forSec: rule.forSec.default(60),
  keepFiringSec: rule.keepFiringSec.default(120),
  noData: rule.noData.default('ok'),
  severity: rule.severity.default('warning'),
  /** Left out: whoever makes the rule. */
  targets: Targets.optional(),
  muteWindows: rule.muteWindows.default([]),
  isEnabled: rule.isEnabled.default(true),
});
export type NewAlertRule = z.infer<typeof NewAlertRule>;

export const AlertRuleChange = z
  .strictObject(rule)
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' });

export const alertStates = ['inactive', 'pending', 'firing'] as const;

/** Where a rule stands for one set of dimensions. */
export const Alert = z.object({
  id: Id,
  ruleId: Id,
  name: z.string(),
  metric: z.string(),
  severity: z.enum(alertSeverities),
  branchId: Id.nullable(),
  dims: z.record(z.string(), z.string()),
  state: z.enum(alertStates),
  since: Instant,
  firedAt: Instant.nullable(),
  resolvedAt: Instant.nullable(),
  value: z.number().nullable(),
  hasNoData: z.boolean(),
  acknowledgedBy: Id.nullable(),
  acknowledgedAt: Instant.nullable(),
  mutedUntil: Instant.nullable(),
});
export type Alert = z.infer<typeof Alert>;

const manage = { permission: 'metrics.manage', ...tracked } as const;
const read = { permission: 'activity.read', apiKey: true, ...tracked } as const;
const handle = { permission: 'alerts.handle', ...tracked } as const;

export const metricRows = {
  metricDefs: list('/metric-defs', {
    ...read,
    query: PageQuery,
    returns: MetricDef,
    summary: 'List metrics, those of the hub first',
  }),
  metricDef: get('/metric-defs/:metricDefId', { ...read, returns: MetricDef, summary: 'Read a metric' }),
  createMetricDef: create('/metric-defs', {
    ...manage,
    body: NewMetricDef,
    returns: MetricDef,
    errors: ['METRIC_KEY_TAKEN', 'DIMENSION_LIMIT', 'EXPR_INVALID', 'LICENSE_LIMIT_REACHED'],
    summary: 'Make a metric of one’s own',
  }),
  updateMetricDef: patch('/metric-defs/:metricDefId', {
    ...manage,
    body: MetricDefChange,
    returns: MetricDef,
    versioned: true,
    errors: ['DIMENSION_LIMIT', 'EXPR_INVALID'],
    summary: 'Change a metric; its key and kind stay',
  }),
  removeMetricDef: remove('/metric-defs/:metricDefId', {
    ...manage,
    versioned: true,
    errors: ['METRIC_IN_USE'],
    summary: 'Take a metric away, and all its values',
  }),
  alertRules: list('/alert-rules', {
    ...read,
    query: PageQuery,
    returns: AlertRule,
    summary: 'List rules, newest first',
  }),
  alertRule: get('/alert-rules/:alertRuleId', { ...read, returns: AlertRule, summary: 'Read a rule' }),
  createAlertRule: create('/alert-rules', {
    ...manage,
    body: NewAlertRule,
    returns: AlertRule,
    errors: ['METRIC_UNKNOWN', 'EXPR_INVALID'],
    summary: 'Watch a metric',
  }),
  updateAlertRule: patch('/alert-rules/:alertRuleId', {
    ...manage,
    body: AlertRuleChange,
    returns: AlertRule,
    versioned: true,
    errors: ['EXPR_INVALID'],
    summary: 'Change a rule; what it said so far begins anew',
  }),
  removeAlertRule: remove('/alert-rules/:alertRuleId', { ...manage, versioned: true, summary: 'Watch no longer' }),
  alerts: list('/alerts', {
    ...read,
    query: PageQuery.extend({ state: z.enum(alertStates).optional(), ruleId: Id.optional() }),
    returns: Alert,
    summary: 'List what is watched and how it stands, newest first',
  }),
  alert: get('/alerts/:alertId', { ...read, returns: Alert, summary: 'Read how one stands' }),
  acknowledge: act('/alerts/:alertId/ack', {
    ...handle,
    body: z.strictObject({ note: z.string().trim().max(300).default('') }),
    returns: Alert,
    errors: ['ALERT_NOT_FIRING'],
    summary: 'Take care of it: this firing is not told again',
  }),
  mute: act('/alerts/:alertId/mute', {
    ...handle,
    /** Null: no longer. */
    body: z.strictObject({ until: Instant.nullable() }),
    returns: Alert,
    summary: 'Say nothing of it until then; it is watched all the same',
  }),
};
