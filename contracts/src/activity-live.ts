import { z } from 'zod';
import { MetricTick } from './activity-boards';
import { GoalAtRisk } from './activity-goals';
import { Alert } from './activity-metrics';
import { StartTimer, StopTimer, TimerChanged } from './activity-time';
import { ActivityEvent, tracked } from './activity-values';
import { job } from './kit/job';
import { call, event, live, stream } from './kit/live';
import { Id, Instant } from './kit/values';

const timer = { permission: 'time.write', ...tracked } as const;

export const activityLive = live('/tracking', {
  streams: {
    timers: stream('log', { permission: 'time.write', ...tracked, summary: 'One’s own timer, on every device' }),
    alerts: stream('log', {
      permission: 'activity.read',
      ...tracked,
      summary: 'Alerts and goals that want attention: one’s own, a branch’s, or the organisation’s, whose id it has',
    }),
    activity: stream('latest', {
      permission: 'activity.read',
      ...tracked,
      summary: 'What is done at a branch; `GET /tracking/activity` has all of it',
    }),
    widget: stream('latest', {
      permission: 'activity.read',
      feature: 'dashboards',
      summary: 'What a widget shows',
    }),
  },
  calls: {
    'timer:start': call({
      ...timer,
      input: StartTimer,
      output: TimerChanged,
      errors: ['TIMER_RUNNING', 'ENTRY_OVERLAP', 'PERIOD_LOCKED'],
      summary: 'Start one’s timer; one that runs ends at that instant',
    }),
    'timer:stop': call({
      ...timer,
      input: StopTimer,
      output: TimerChanged,
      errors: ['TIMER_NOT_RUNNING', 'PERIOD_LOCKED'],
      summary: 'Stop one’s timer',
    }),
    'widget:subscribe': call({
      permission: 'activity.read',
      feature: 'dashboards',
      input: z.strictObject({ widgetId: Id }),
      output: MetricTick.extend({ stream: z.string() }),
      errors: ['METRIC_UNKNOWN'],
      summary: 'What a widget shows now; subscribe to the stream that is named for what it will show',
    }),
  },
  events: {
    'timer:changed': event('timers', TimerChanged, 'A timer began or ended, or its entry was changed'),
    'alert:firing': event('alerts', Alert, 'A metric is beyond what its rule lets it be; repeated every four hours'),
    'alert:resolved': event('alerts', Alert, 'It is well again'),
    'alert:acknowledged': event('alerts', Alert, 'Somebody takes care of it'),
    'goal:at-risk': event('alerts', GoalAtRisk, 'A goal fell behind its plan'),
    'activity:new': event('activity', ActivityEvent, 'Somebody did something'),
    'metric:tick': event('widget', MetricTick, 'What a widget shows changed, or was looked at again'),
  },
});

const ticked = z.object({ tick: Instant });

export const rollUp = job('tracking.roll-up', {
  payload: z.object({}),
  summary: 'Make minutes, hours and local days of metrics, and sessions and days of people, from what came in',
});
export const judgeAlerts = job('tracking.judge-alerts', {
  payload: ticked,
  summary: 'Hold metrics against the rules that watch them',
});
export const findTrends = job('tracking.find-trends', {
  payload: ticked,
  summary: 'At three in the morning of each organisation: trends of its metrics, and readings of its goals',
});
export const pruneActivity = job('tracking.prune-activity', {
  payload: ticked,
  summary: 'Let go what was kept as long as it is kept, and make room for the months to come',
});
