import { api } from './kit/api';
import { contract } from './kit/contract';
import { permissions } from './kit/permissions';
import { errors } from './kit/problem';
import { importRows, runImport } from './people-import';
import { peopleLive } from './people-live';
import { meRows } from './people-me';
import { organisationRows } from './people-organisation';
import { teamRows } from './people-teams';
import { userRows } from './people-users';

export { Organisation, User, userStatuses } from './people-values';

export const peopleApi = api('', { ...organisationRows, ...userRows, ...importRows, ...meRows, ...teamRows });

const everybody = {
  hr: 'org',
  finance: 'org',
  manager: 'org',
  sales: 'org',
  warehouse: 'org',
  staff: 'org',
  auditor: 'org',
} as const;

export const peopleContract = contract({
  name: 'people',
  api: peopleApi,
  live: peopleLive,
  jobs: [runImport],
  errors: errors({
    EMAIL_TAKEN: { status: 409, title: 'Address taken', help: 'Somebody of the organisation has this e-mail address.' },
    EMPLOYEE_NO_TAKEN: {
      status: 409,
      title: 'Number taken',
      help: 'Somebody of the organisation has this employee number.',
    },
    LAST_ADMIN: {
      status: 409,
      title: 'The last administrator',
      help: 'Give somebody else the role of an administrator first.',
    },
    OWNER_IMMUTABLE: {
      status: 409,
      title: 'The owner stays',
      help: 'Ownership changes by `POST /organisation/transfer-ownership` alone; then it can be done.',
    },
    MANAGER_CYCLE: {
      status: 409,
      title: 'A circle of managers',
      help: 'Nobody is his own manager, directly or through others. `errors` holds the ids of the circle.',
    },
    MANAGER_DEPTH: {
      status: 409,
      title: 'Too many levels',
      help: 'From the top to the last person there are at most twelve levels.',
    },
    FIELD_FORBIDDEN: {
      status: 422,
      title: 'Not yours to change',
      help: 'See `GET /users/fields` for who changes what; `errors` names the fields.',
    },
    IMPORT_RUNNING: {
      status: 409,
      title: 'An import is running',
      help: 'One file at a time; wait until it is done.',
    },
    USER_STATE_INVALID: { status: 409, title: 'Not in this state', help: 'Read the person again; `detail` says why.' },
    TOO_LATE: { status: 409, title: 'Too late', help: 'This can be undone for thirty days.' },
    SLUG_TAKEN: { status: 409, title: 'Short name taken', help: 'Another organisation has this short name.' },
    ORGANISATION_CLOSED: { status: 409, title: 'Closed already', help: 'The organisation is closed.' },
    ORGANISATION_OPEN: { status: 409, title: 'Not closed', help: 'The organisation is not closed.' },
    TRANSFER_OPEN: { status: 409, title: 'Offered already', help: 'Decline the open offer before you make another.' },
    TRANSFER_ENDED: { status: 409, title: 'The offer ended', help: 'Ask the owner to offer it again.' },
    TEAM_NAME_TAKEN: { status: 409, title: 'Name taken', help: 'Another team has this name.' },
    ERASURE_OPEN: { status: 409, title: 'Asked already', help: 'Your request waits for a decision.' },
    ERASURE_DECIDED: { status: 409, title: 'Decided already', help: 'Read the request again.' },
  }),
  permissions: permissions({
    'people.read': { description: 'See who works here: name, photo, job, branch', grants: everybody },
    'people.read-details': {
      description: 'See everything about people: addresses, numbers, profiles, who left',
      grants: { hr: 'org', auditor: 'org' },
    },
    'people.write': { description: 'Invite, import, change, suspend and deactivate people', grants: { hr: 'org' } },
    'people.manage-fields': { description: 'Say which fields people have and who sees them', grants: { hr: 'org' } },
    'people.erase': { description: 'Decide about requests to be forgotten', grants: { hr: 'org' } },
    'teams.read': { description: 'See teams and who belongs to them', grants: everybody },
    'teams.manage': { description: 'Make, change and remove teams', grants: { hr: 'org', manager: 'subtree' } },
    'organisation.update': { description: 'Change the organisation', grants: {} },
    'organisation.own': {
      description: 'Give the organisation to somebody or close it; beside the permission one must be its owner',
      grants: {},
    },
  }),
});
