import { z } from 'zod';
import { MetricQuery, MetricResult, tracked } from './activity-values';
import { act, create, get, list, PageQuery, patch, remove } from './kit/api';
import { Id, Instant, ShortText } from './kit/values';

const Spot = z.strictObject({
  widgetId: Id,
  x: z.int().min(0).max(23),
  y: z.int().min(0).max(999),
  w: z.int().min(1).max(24),
  h: z.int().min(1).max(100),
});

export const Dashboard = z.object({
  id: Id,
  name: z.string(),
  ownerId: Id,
  /** Seen by everybody of the organisation, each as far as he sees the numbers themselves. */
  isShared: z.boolean(),
  layout: z.array(Spot),
  createdAt: Instant,
  version: z.int(),
});
export type Dashboard = z.infer<typeof Dashboard>;

const board = { name: ShortText, isShared: z.boolean(), layout: z.array(Spot).max(50) };
export const NewDashboard = z.strictObject({
  ...board,
  isShared: board.isShared.default(false),
  layout: board.layout.default([]),
});
export const DashboardChange = z
  .strictObject(board)
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' });

export const visualisations = ['number', 'line', 'bar', 'table', 'gauge'] as const;
/** No widget asks more often than this. */
export const FASTEST_REFRESH_SEC = 5;

const widget = {
  title: ShortText,
  query: MetricQuery,
  viz: z.enum(visualisations),
  refreshSec: z.int().min(FASTEST_REFRESH_SEC).max(3_600),
};
export const Widget = z.object({ ...widget, id: Id, dashboardId: Id, version: z.int() });
export type Widget = z.infer<typeof Widget>;

export const NewWidget = z.strictObject({
  ...widget,
  dashboardId: Id,
  viz: widget.viz.default('number'),
  refreshSec: widget.refreshSec.default(60),
});
export type NewWidget = z.infer<typeof NewWidget>;
export const WidgetChange = z
  .strictObject(widget)
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' });

/** The newest value of a widget. */
export const MetricTick = z.object({ widgetId: Id, value: z.number().nullable(), asOf: Instant, result: MetricResult });
export type MetricTick = z.infer<typeof MetricTick>;

const boards = { feature: 'dashboards' } as const;
const manage = { permission: 'metrics.manage', ...boards } as const;
const read = { permission: 'activity.read', ...boards } as const;

export const boardRows = {
  query: act('/query', {
    permission: 'activity.read',
    apiKey: true,
    ...tracked,
    body: MetricQuery,
    returns: MetricResult,
    errors: ['METRIC_UNKNOWN', 'RANGE_TOO_LONG'],
    summary: 'Ask a metric, as far as one sees; the same question within a minute has the same answer',
  }),
  dashboards: list('/dashboards', {
    ...read,
    query: PageQuery,
    returns: Dashboard,
    summary: 'List one’s own dashboards and shared ones, newest first',
  }),
  dashboard: get('/dashboards/:dashboardId', {
    ...read,
    returns: Dashboard.extend({ widgets: z.array(Widget) }),
    summary: 'Read a dashboard with its widgets',
  }),
  createDashboard: create('/dashboards', {
    ...manage,
    body: NewDashboard,
    returns: Dashboard,
    summary: 'Make a dashboard',
  }),
  updateDashboard: patch('/dashboards/:dashboardId', {
    ...manage,
    body: DashboardChange,
    returns: Dashboard,
    versioned: true,
    summary: 'Change a dashboard, or share it',
  }),
  removeDashboard: remove('/dashboards/:dashboardId', {
    ...manage,
    versioned: true,
    summary: 'Take a dashboard away with its widgets',
  }),
  widgets: list('/widgets', {
    ...read,
    query: PageQuery.extend({ dashboardId: Id.optional() }),
    returns: Widget,
    summary: 'List widgets of the dashboards that one sees',
  }),
  widget: get('/widgets/:widgetId', { ...read, returns: Widget, summary: 'Read a widget' }),
  widgetData: get('/widgets/:widgetId/data', {
    ...read,
    returns: MetricTick,
    errors: ['METRIC_UNKNOWN'],
    summary: 'What a widget shows, as far as one sees',
  }),
  createWidget: create('/widgets', {
    ...manage,
    body: NewWidget,
    returns: Widget,
    errors: ['METRIC_UNKNOWN', 'TOO_MANY_WIDGETS'],
    summary: 'Put a widget on a dashboard of one’s own',
  }),
  updateWidget: patch('/widgets/:widgetId', {
    ...manage,
    body: WidgetChange,
    returns: Widget,
    versioned: true,
    errors: ['METRIC_UNKNOWN'],
    summary: 'Change a widget',
  }),
  removeWidget: remove('/widgets/:widgetId', { ...manage, versioned: true, summary: 'Take a widget away' }),
};
