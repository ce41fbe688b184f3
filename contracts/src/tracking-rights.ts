import { z } from 'zod';
import { permissions } from './kit/permissions';
import { errors } from './kit/problem';
import { setting } from './kit/settings';

export const trackingErrors = errors({
  DEVICE_NOT_YOURS: {
    status: 403,
    title: 'Somebody else’s device',
    help: 'A device id belongs to the first person who reported with it. Make a new one for this person.',
  },
  DEVICE_TAKEN: {
    status: 409,
    title: 'Device in use',
    help: 'It reports for somebody already. Use a device id of its own.',
  },
  TRACKABLE_EXISTS: { status: 409, title: 'Tracked already', help: 'This vehicle or asset has a trackable.' },
  TRACKABLE_OF_PERSON: {
    status: 409,
    title: 'A person',
    help: 'People are tracked by their own reports: they have no driver, and their devices enrol themselves.',
  },
  PRECISION_DENIED: {
    status: 403,
    title: 'Not so exactly',
    help: 'Ask with `precision=cell`, or for the permission tracking.read-precise.',
  },
  LOOK_REASON_REQUIRED: {
    status: 422,
    title: 'Say why',
    help: 'Give `reason`, or open a look with `POST /tracking/looks`; `precision=cell` needs none.',
  },
  PAUSE_NOT_ALLOWED: {
    status: 403,
    title: 'No pausing here',
    help: 'The organisation does not let its people pause, or this is somebody else.',
  },
  RANGE_TOO_LONG: { status: 422, title: 'Too long a time', help: 'Ask for at most 366 days at once.' },
  SHARE_TOO_LONG: { status: 422, title: 'Too long', help: 'A share ends in the future, within 24 hours.' },
  POSITION_SHARE_ENDED: { status: 410, title: 'Over', help: 'It ended. Ask whoever sent it for another one.' },
  MILEAGE_CLOSED: { status: 409, title: 'Month closed', help: 'What is in a closed month changes no more.' },
  MONTH_NOT_OVER: { status: 409, title: 'Not over', help: 'A month can be closed once its last day has ended.' },
});

export const trackingPermissions = permissions({
  'tracking.report': {
    description: 'Report one’s own position',
    grants: { hr: 'own', manager: 'own', sales: 'own', warehouse: 'own', staff: 'own' },
  },
  'tracking.read': {
    description: 'See trips, distances, and places to about 200 m',
    grants: { hr: 'org', manager: 'subtree', sales: 'own', warehouse: 'own', staff: 'own', auditor: 'org' },
  },
  'tracking.read-precise': {
    description: 'See exact positions and tracks; who looked at whom is kept for the person to read',
    grants: { hr: 'org', manager: 'subtree', sales: 'own', warehouse: 'own', staff: 'own', auditor: 'org' },
  },
  'tracking.manage': {
    description: 'Track vehicles and assets, enrol their devices, say who drives',
    grants: { manager: 'subtree' },
  },
  'tracking.classify-trips': {
    description: 'Say what a trip was for',
    grants: { hr: 'own', manager: 'subtree', sales: 'own', warehouse: 'own', staff: 'own' },
  },
  'tracking.close-mileage': {
    description: 'Close a month of the mileage log',
    grants: { finance: 'org', hr: 'org', manager: 'subtree' },
  },
  'tracking.share': {
    description: 'Share positions with people outside, for a day at most',
    grants: { manager: 'subtree' },
  },
  'tracking.pause': {
    description: 'Keep oneself dark for a while, where the organisation allows it',
    grants: { hr: 'own', manager: 'own', sales: 'own', warehouse: 'own', staff: 'own' },
  },
});

const organisation = ['platform', 'organisation'] as const;

export const trackingSettings = {
  'tracking.speed-limit-kmh': setting(z.int().min(1).max(400).nullable(), {
    preset: null,
    levels: organisation,
    description:
      'Above this, and five more, somebody drives too fast where neither a fence nor the vehicle says otherwise',
  }),
  'tracking.reason-required': setting(z.boolean(), {
    preset: false,
    levels: organisation,
    description: 'Whether whoever looks at exact places has to say why',
    isSensitive: true,
  }),
  'tracking.may-pause': setting(z.boolean(), {
    preset: false,
    levels: organisation,
    description: 'Whether people may keep themselves dark for a while',
  }),
  'tracking.precise-days': setting(z.int().min(1).max(3_650), {
    preset: 30,
    levels: organisation,
    description: 'After so many days fixes of people become cells of about 200 m',
    isSensitive: true,
  }),
  'tracking.raw-days': setting(z.int().min(1).max(3_650), {
    preset: 90,
    levels: organisation,
    description: 'After so many days fixes are removed; trips and distances stay',
    isSensitive: true,
  }),
  'tracking.close-mileage-by-itself': setting(z.boolean(), {
    preset: false,
    levels: organisation,
    description: 'Whether the mileage of a month closes on the tenth of the next one',
  }),
};
