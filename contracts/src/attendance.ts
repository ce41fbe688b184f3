import { z } from 'zod';
import { dayRows } from './attendance-days';
import { computeDay, takeCheckIn } from './attendance-jobs';
import {
  attendanceLive,
  planBranch,
  recomputeDays,
  reportEvening,
  reportMorning,
  tickDays,
  watchOvertime,
} from './attendance-live';
import { overtimeRows } from './attendance-overtime';
import { periodRows } from './attendance-periods';
import { rosterRows, WallTime } from './attendance-rosters';
import { api } from './kit/api';
import { contract } from './kit/contract';
import { permissions } from './kit/permissions';
import { errors } from './kit/problem';
import { setting } from './kit/settings';

export { attendanceLive } from './attendance-live';

export const attendanceApi = api('', { ...dayRows, ...rosterRows, ...overtimeRows, ...periodRows });

const everybody = { hr: 'own', manager: 'own', sales: 'own', warehouse: 'own', staff: 'own' } as const;
const seen = { ...everybody, hr: 'org', manager: 'subtree', finance: 'org', auditor: 'org' } as const;
const wide = ['platform', 'organisation', 'branch'] as const;

/** When people work of whom no plan says anything; a whole day without an end is not meant. */
export const DefaultHours = z
  .strictObject({
    weekdays: z.array(z.int().min(1).max(7)).min(1).max(7),
    startLocal: WallTime,
    endLocal: WallTime,
  })
  .nullable();

export const attendanceContract = contract({
  name: 'attendance',
  api: attendanceApi,
  live: attendanceLive,
  jobs: [takeCheckIn, computeDay, tickDays, planBranch, recomputeDays, reportMorning, reportEvening, watchOvertime],
  errors: errors({
    PUNCH_IN_FUTURE: {
      status: 422,
      title: 'In the future',
      help: 'Set the clock of the device: at most two minutes ahead.',
    },
    PUNCH_TOO_OLD: { status: 422, title: 'Too old', help: 'Ask for a correction of that day instead.' },
    PERIOD_LOCKED: { status: 423, title: 'Period locked', help: 'An administrator can open it again, and says why.' },
    PERIOD_OVERLAP: {
      status: 409,
      title: 'Periods overlap',
      help: 'Another period of the same people has some of these dates.',
    },
    PERIOD_UNSETTLED: {
      status: 409,
      title: 'Not settled',
      help: 'Decide the corrections and the overtime that wait first; `current` counts them.',
    },
    SHIFT_OVERLAP: {
      status: 409,
      title: 'Shifts overlap',
      help: 'The same people would work twice at one time. `current` names the other assignment and a date.',
    },
    SHIFT_NAME_TAKEN: { status: 409, title: 'Name taken', help: 'Another shift has this name.' },
    SHIFT_IN_USE: {
      status: 409,
      title: 'In use',
      help: 'Somebody is or was given this shift. End the assignments instead.',
    },
    OVERRIDE_EXISTS: { status: 409, title: 'Said already', help: 'There is one for this person and date: change it.' },
    POLICY_NAME_TAKEN: { status: 409, title: 'Name taken', help: 'Another overtime policy has this name.' },
    POLICY_IN_USE: { status: 409, title: 'In use', help: 'Shifts name this policy. Give them another first.' },
    TIME_OFF_UNKNOWN: { status: 409, title: 'No such leave', help: 'Make a type of leave for time off in lieu first.' },
    SELF_APPROVAL: { status: 403, title: 'One’s own', help: 'Somebody else has to decide about this.' },
    STATE_INVALID: { status: 409, title: 'Not in this state', help: '`detail` says what it is; read it again.' },
  }),
  settings: {
    'attendance.require-verified': setting(z.boolean(), {
      preset: false,
      levels: ['platform', 'organisation', 'branch', 'user'],
      description: 'Whether time counts only where both punches are verified, or somebody confirmed them',
    }),
    'attendance.strict-absent': setting(z.boolean(), {
      preset: false,
      levels: wide,
      description: 'Whether somebody who worked less than half a day was absent',
    }),
    'attendance.absence-alert-min': setting(z.int().min(0).max(480), {
      preset: 30,
      levels: wide,
      description: 'How many minutes after the grace somebody who did not come is told of',
    }),
    'attendance.max-punch-age-days': setting(z.int().min(1).max(366), {
      preset: 35,
      levels: ['platform', 'organisation'],
      description: 'How old punches of devices may be when they arrive',
    }),
    'attendance.default-hours': setting(DefaultHours, {
      preset: null,
      levels: wide,
      description: 'When people work of whom no plan says anything; without it nobody expects them',
    }),
  },
  permissions: permissions({
    'attendance.ingest': { description: 'Hand in punches of kiosks and readers', grants: {} },
    'attendance.read': { description: 'See punches, days and periods', grants: seen },
    'attendance.report': {
      description: 'Read reports of attendance',
      grants: { hr: 'org', manager: 'subtree', finance: 'org', auditor: 'org' },
    },
    'attendance.request-correction': { description: 'Ask for one’s own days to be corrected', grants: everybody },
    'attendance.decide-correction': {
      description: 'Decide corrections, confirm punches',
      grants: { hr: 'org', manager: 'subtree' },
    },
    'attendance.excuse': { description: 'Excuse people', grants: { hr: 'org' } },
    'attendance.open-period': { description: 'Open periods', grants: { hr: 'org' } },
    'attendance.submit-period': {
      description: 'Hand periods in',
      grants: { ...everybody, hr: 'org', manager: 'subtree' },
    },
    'attendance.approve-period': { description: 'Approve periods', grants: { hr: 'org', manager: 'subtree' } },
    'attendance.lock-period': { description: 'Lock periods', grants: { hr: 'org' } },
    'attendance.reopen-period': { description: 'Open locked periods again', grants: {} },
    'shifts.read': { description: 'See shifts and rosters', grants: seen },
    'shifts.manage': {
      description: 'Make shifts and rosters, and say what counts as overtime',
      grants: { hr: 'org', manager: 'subtree' },
    },
    'overtime.request': { description: 'Ask for overtime', grants: everybody },
    'overtime.read': { description: 'See overtime', grants: seen },
    'overtime.decide': { description: 'Decide about overtime', grants: { hr: 'org', manager: 'subtree' } },
  }),
});
