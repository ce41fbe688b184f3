import { z } from 'zod';
import { boardRows } from './activity-boards';
import { eventRows } from './activity-events';
import { goalRows } from './activity-goals';
import { activityLive, findTrends, judgeAlerts, pruneActivity, rollUp } from './activity-live';
import { metricRows } from './activity-metrics';
import { timeRows } from './activity-time';
import { api } from './kit/api';
import { contract } from './kit/contract';
import { permissions } from './kit/permissions';
import { errors } from './kit/problem';
import { setting } from './kit/settings';

export const activityApi = api('/tracking', {
  ...eventRows,
  ...timeRows,
  ...goalRows,
  ...metricRows,
  ...boardRows,
});

const everybody = { hr: 'own', finance: 'own', manager: 'own', sales: 'own', warehouse: 'own', staff: 'own' } as const;

export const activityContract = contract({
  name: 'activity',
  api: activityApi,
  live: activityLive,
  jobs: [rollUp, judgeAlerts, findTrends, pruneActivity],
  errors: errors({
    METRIC_UNKNOWN: {
      status: 422,
      title: 'No such metric',
      help: '`GET /tracking/metric-defs` lists them. Make it first, then hand in its values.',
    },
    METRIC_KEY_TAKEN: { status: 409, title: 'Key taken', help: 'Another metric has this key, or the hub’s own.' },
    METRIC_IN_USE: {
      status: 409,
      title: 'In use',
      help: '`detail` names the formulas, rules, goals and widgets that read it. Change those first.',
    },
    DIMENSION_LIMIT: { status: 422, title: 'Too many dimensions', help: 'A metric has at most five, each named once.' },
    EXPR_INVALID: {
      status: 422,
      title: 'Not understood',
      help: '`errors` says where. Formulas are numbers, metrics that are no formulas, + − * /, brackets and functions.',
    },
    RANGE_TOO_LONG: { status: 422, title: 'Too long a span', help: '`detail` says how long it may be.' },
    TIMER_RUNNING: {
      status: 409,
      title: 'Another timer runs',
      help: 'It began at that instant or later. Stop it, or start the new one after it.',
    },
    TIMER_NOT_RUNNING: {
      status: 409,
      title: 'No timer runs',
      help: 'It was stopped already, maybe on another device.',
    },
    ENTRY_OVERLAP: {
      status: 409,
      title: 'Overlaps another entry',
      help: '`current` is that entry. Entries may touch; the setting `time.allow-parallel` lets them overlap.',
    },
    PERIOD_LOCKED: {
      status: 423,
      title: 'Week handed in',
      help: 'Its sheet is submitted or approved. Ask whoever approves it to give it back.',
    },
    TIMESHEET_STATE_INVALID: {
      status: 409,
      title: 'Not from this state',
      help: 'open → submitted → approved; submitted or approved → open.',
    },
    OWN_TIMESHEET: { status: 403, title: 'Your own sheet', help: 'Somebody else decides on it.' },
    GOAL_MEASURED: { status: 409, title: 'Read from a metric', help: 'Hand in values of its metric instead.' },
    ALERT_NOT_FIRING: { status: 409, title: 'It does not fire', help: 'There is nothing to take care of.' },
    TOO_MANY_WIDGETS: { status: 409, title: 'Full', help: 'A dashboard holds fifty widgets. Make another one.' },
  }),
  settings: {
    'activity.capture': setting(z.boolean(), {
      preset: true,
      levels: ['platform', 'organisation'],
      description: 'Whether what people do in the hub is kept as activity; what they type or look at never is',
    }),
    'time.allow-parallel': setting(z.boolean(), {
      preset: false,
      levels: ['platform', 'organisation'],
      description: 'Whether entries of one person may overlap',
    }),
    'time.rounding': setting(
      z.strictObject({ minutes: z.int().min(0).max(60), mode: z.enum(['up', 'down', 'nearest']) }),
      {
        preset: { minutes: 0, mode: 'nearest' },
        levels: ['platform', 'organisation'],
        description: 'To how many minutes reports round each entry; what is kept is never rounded',
      },
    ),
    'goals.tolerance-percent': setting(z.number().min(0).max(100), {
      preset: 10,
      levels: ['platform', 'organisation'],
      description: 'How many points a goal may be behind its plan before it is at risk',
    }),
  },
  permissions: permissions({
    'tracking.ingest': { description: 'Hand in what was done, and values of metrics', grants: everybody },
    'activity.read': {
      description: 'See what was done, time, goals, metrics and alerts',
      grants: { ...everybody, hr: 'org', manager: 'subtree', auditor: 'org' },
    },
    'activity.analyse': {
      description: 'See how the hub is used: funnels, retention, seats',
      grants: { auditor: 'org' },
    },
    'time.write': {
      description: 'Keep time entries and hand in sheets',
      grants: { ...everybody, hr: 'org', manager: 'subtree' },
    },
    'time.approve': { description: 'Approve weekly sheets', grants: { hr: 'org', manager: 'subtree' } },
    'goals.manage': { description: 'Set goals', grants: { ...everybody, hr: 'org', manager: 'subtree' } },
    'metrics.manage': {
      description: 'Make metrics, rules that watch them, and dashboards',
      grants: { manager: 'subtree' },
    },
    'alerts.handle': {
      description: 'Take care of alerts, and mute them',
      grants: { ...everybody, hr: 'org', manager: 'subtree' },
    },
  }),
});
