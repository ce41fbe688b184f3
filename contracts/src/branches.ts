import { z } from 'zod';
import { figureRows } from './branches-figures';
import { geofenceRows } from './branches-geofences';
import { holidayRows } from './branches-holidays';
import { hoursRows } from './branches-hours';
import { branchesLive, tickHours } from './branches-live';
import { memberRows } from './branches-members';
import { placeRows } from './branches-places';
import { resourceRows } from './branches-resources';
import { treeRows } from './branches-tree';
import { api } from './kit/api';
import { contract } from './kit/contract';
import { permissions } from './kit/permissions';
import { errors } from './kit/problem';
import { setting } from './kit/settings';

export { branchesLive } from './branches-live';
export { NewBranch } from './branches-tree';
export { Branch, Circle, Fence, Outline } from './branches-values';

export const branchesApi = api('', {
  ...treeRows,
  ...placeRows,
  ...geofenceRows,
  ...memberRows,
  ...hoursRows,
  ...holidayRows,
  ...resourceRows,
  ...figureRows,
});

export const branchesContract = contract({
  name: 'branches',
  api: branchesApi,
  live: branchesLive,
  jobs: [tickHours],
  errors: errors({
    CODE_TAKEN: { status: 409, title: 'Code taken', help: 'Another branch of the organisation has this code.' },
    BRANCH_DEPTH: { status: 409, title: 'Tree too deep', help: 'A branch stands at most six levels deep.' },
    BRANCH_CYCLE: {
      status: 409,
      title: 'A circle of branches',
      help: 'A branch cannot stand below itself. Move the other one out first.',
    },
    BRANCH_CLOSED: { status: 409, title: 'Branch closed', help: 'Open the branch named in `detail` again first.' },
    BRANCH_STATE_INVALID: {
      status: 409,
      title: 'Not from this status',
      help: 'planned → active; active ⇄ suspended; either → closed; closed → active.',
    },
    BRANCH_NOT_EMPTY: {
      status: 409,
      title: 'Branch not empty',
      help: '`current` counts what is there. Name a branch in `reassignTo` that takes it over.',
    },
    LOCATION_MOVES_FAR: {
      status: 409,
      title: 'Moves far',
      help: 'The place is more than a kilometre away from the one known. Send `confirm: true` if that is meant.',
    },
    ZONE_IN_THE_PAST: {
      status: 422,
      title: 'Zone from a past date',
      help: 'Days that were keep their zone: a new one counts from today or later.',
    },
    PRIMARY_EXISTS: {
      status: 409,
      title: 'Belongs first elsewhere',
      help: 'At any date one branch is somebody’s first. End that membership or transfer it.',
    },
    MEMBERSHIP_OVERLAP: {
      status: 409,
      title: 'Belongs to it already',
      help: 'Somebody belongs to a branch once at a time. End the other membership, or begin after it.',
    },
    MEMBERSHIP_OVER: {
      status: 409,
      title: 'Ended already',
      help: 'The membership ends before that date; what was stays as it was.',
    },
    USER_NOT_WORKING: {
      status: 409,
      title: 'Not with the organisation',
      help: 'The person was deactivated. Take that back first.',
    },
    HOURS_OVERLAP: {
      status: 422,
      title: 'Hours overlap',
      help: 'Two intervals of one kind cover the same time; one may begin when another ends.',
    },
    CALENDAR_NAME_TAKEN: { status: 409, title: 'Name taken', help: 'Another calendar has this name.' },
    CALENDAR_IN_USE: { status: 409, title: 'In use', help: 'Give the branches that use it another calendar first.' },
    ICS_MALFORMED: {
      status: 422,
      title: 'Not an iCalendar file',
      help: 'Send a VCALENDAR with VEVENTs whose DTSTART is a date, as RFC 5545 says.',
    },
    RESOURCE_LABEL_TAKEN: { status: 409, title: 'Label taken', help: 'The branch has a resource of this label.' },
    RESOURCE_FULL: {
      status: 409,
      title: 'Not so many left',
      help: '`current` says the capacity and what is given away at the fullest moment of that time.',
    },
    RESOURCE_IN_USE: { status: 409, title: 'In use', help: 'Release what is given away of it first.' },
    GEOFENCES_FULL: {
      status: 409,
      title: 'Too many fences',
      help: 'A branch has at most a thousand fences, and so has the organisation beside them. Take some away first.',
    },
    ALLOCATION_OVER: { status: 409, title: 'Ended already', help: 'It was free before that instant.' },
  }),
  settings: {
    'branches.confirm-move-m': setting(z.number().int().min(1).max(50_000), {
      preset: 1_000,
      levels: ['platform', 'organisation', 'branch'],
      description: 'How many metres a branch may be moved on the map before somebody has to say that it is meant',
    }),
  },
  permissions: permissions({
    'branches.read': {
      description: 'See branches, their place and fence',
      grants: {
        hr: 'org',
        finance: 'org',
        manager: 'subtree',
        sales: 'branch',
        warehouse: 'branch',
        staff: 'branch',
        auditor: 'org',
      },
    },
    'branches.update': { description: 'Change a branch, its place and its hours', grants: { manager: 'subtree' } },
    'branches.manage': { description: 'Open, move and close branches', grants: {} },
    'branches.staff': { description: 'Say who belongs to a branch', grants: { hr: 'org', manager: 'subtree' } },
    'branches.allocate': { description: 'Keep and give away what a branch has', grants: { manager: 'subtree' } },
    'branches.read-metrics': {
      description: 'See how branches do, and compare them',
      grants: { manager: 'subtree', auditor: 'org' },
    },
    'geofences.read': {
      description: 'See fences of their own, and ask which ones hold a place',
      grants: {
        hr: 'org',
        finance: 'org',
        manager: 'subtree',
        sales: 'branch',
        warehouse: 'branch',
        staff: 'branch',
        auditor: 'org',
      },
    },
    'geofences.manage': { description: 'Draw, change and take away fences', grants: { manager: 'subtree' } },
    'holidays.manage': { description: 'Keep holiday calendars', grants: { hr: 'org' } },
  }),
});
