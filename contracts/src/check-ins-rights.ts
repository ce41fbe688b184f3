import { permissions } from './kit/permissions';
import { errors } from './kit/problem';

export const checkInErrors = errors({
  CHECK_IN_OPEN: { status: 409, title: 'Already checked in', help: 'Check out before checking in again.' },
  CHECK_IN_ENDED: { status: 409, title: 'Already checked out', help: 'This check-in ended earlier.' },
  NO_BRANCH: { status: 409, title: 'No branch', help: 'Name `branchId`: you have no home branch.' },
  ALREADY_CHECKED_IN: {
    status: 409,
    title: 'Already checked in',
    help: 'Send `out` first, or name what you are doing.',
  },
  NOT_CHECKED_IN: { status: 409, title: 'Not checked in', help: 'There is nothing open that this could end.' },
  IDEMPOTENCY_MISMATCH: {
    status: 409,
    title: 'Recorded otherwise',
    help: 'This `clientId` was used for another check-in. Make a new ULID for each, and never change one.',
  },
  LOCATION_REQUIRED: { status: 422, title: 'Place needed', help: 'Send `position`: this kind of check-in needs one.' },
  LOCATION_TOO_INACCURATE: {
    status: 422,
    title: 'Place not exact enough',
    help: 'Wait up to 20 s for a better reading; then `forceReview` hands it to a reviewer.',
  },
  LOCATION_STALE: { status: 422, title: 'Old place', help: 'Take a reading now: this one is older than two minutes.' },
  LOCATION_INVALID: {
    status: 422,
    title: 'No such place',
    help: 'Null Island is where broken phones are. Read again.',
  },
  OUTSIDE_GEOFENCE: { status: 422, title: 'Not there', help: '`detail` says how far away the place is.' },
  MOCK_LOCATION: { status: 422, title: 'Made-up place', help: 'Switch off whatever sets the phone’s place.' },
  DEVICE_UNSOUND: { status: 422, title: 'Device not sound', help: 'Use a real phone whose key the hub knows.' },
  PHOTO_REQUIRED: {
    status: 422,
    title: 'Photo needed',
    help: 'Ask for a nonce, take a photo, and send its `photoNonce`.',
  },
  PHOTO_DUPLICATE: {
    status: 422,
    title: 'Seen before',
    help: 'This photo, or one like it, was used in the last 30 days.',
  },
  PHOTO_NOT_READABLE: {
    status: 422,
    title: 'No photo',
    help: 'Send a JPEG or WebP of at most 2 MB and 24 megapixels.',
  },
  PHOTO_NONCE: {
    status: 422,
    title: 'Nonce is over',
    help: 'A nonce is good for five minutes, once, for who asked for it.',
  },
  CHECKIN_IN_FUTURE: { status: 422, title: 'In the future', help: 'The time lies more than two minutes ahead.' },
  CHECKIN_TOO_OLD: { status: 422, title: 'Too old', help: 'Ask for a correction instead.' },
  MEETING_WINDOW: {
    status: 422,
    title: 'Not the time of the meeting',
    help: 'Check in from 15 minutes before to 30 minutes after it begins.',
  },
  MEETING_CODE: { status: 422, title: 'Not the code', help: 'Scan the code that the room shows now.' },
  DEVICE_NOT_ENROLLED: { status: 403, title: 'Unknown device', help: 'Enrol it with `POST /devices`.' },
  NOTICE_REQUIRED: {
    status: 403,
    title: 'Read the notice first',
    help: 'Acknowledge the newest privacy notice: `POST /me/notices/{version}/ack`.',
  },
  SELF_REVIEW: { status: 403, title: 'One’s own', help: 'Somebody else has to look at this.' },
  REASON_REQUIRED: { status: 422, title: 'Say why', help: 'Give `reason`: who looks at an exact place says what for.' },
  CHECK_IN_STATE: { status: 409, title: 'Not in this state', help: '`detail` says what it is.' },
  TOO_LATE: { status: 409, title: 'Too late', help: 'A category can be changed within 24 hours.' },
  BATCH_TOO_LARGE: { status: 413, title: 'Too many', help: 'Send at most 500 at once.' },
  CHALLENGE_OVER: { status: 409, title: 'Too late', help: 'It was answered, or its five minutes are over.' },
  RULE_EXISTS: { status: 409, title: 'There is one', help: 'Change the rule of this type, branch and role.' },
  DEVICE_KEY_TAKEN: { status: 409, title: 'Key in use', help: 'Make a key pair for each device.' },
  KEY_NOT_ED25519: { status: 422, title: 'Not a key', help: 'Send the 32 raw bytes of an Ed25519 public key, base64.' },
  NOTICE_UNKNOWN: { status: 404, title: 'No such notice', help: 'Only the newest version can be acknowledged.' },
  REQUEST_OPEN: { status: 409, title: 'Asked already', help: 'One request of a kind at a time.' },
  REQUEST_DECIDED: { status: 409, title: 'Decided', help: 'It was answered earlier.' },
  LOCATION_HELD: { status: 409, title: 'Kept for a case', help: 'A legal hold must be released first.' },
  ALARM_OVER: { status: 409, title: 'Over', help: 'It was ended earlier.' },
});

const everybody = { hr: 'own', manager: 'own', sales: 'own', warehouse: 'own', staff: 'own' } as const;

export const checkInPermissions = permissions({
  'check-ins.create': { description: 'Check in and out', grants: everybody },
  'check-ins.read': {
    description: 'See check-ins',
    grants: { hr: 'org', manager: 'subtree', sales: 'own', warehouse: 'own', staff: 'own', auditor: 'org' },
  },
  'check-ins.read-precise': {
    description: 'See exactly where somebody checked in; each look is noted, and shown to the person',
    grants: { hr: 'org' },
  },
  'check-ins.review': {
    description: 'See the evidence of check-ins and decide about doubtful ones',
    grants: { hr: 'org', manager: 'subtree' },
  },
  'check-ins.void': { description: 'Make a check-in not count', grants: { hr: 'org' } },
  'check-ins.configure': { description: 'Set the rules of checking in', grants: {} },
  'devices.enrol': { description: 'Enrol one’s own devices', grants: everybody },
  'devices.manage': { description: 'See and block devices', grants: { hr: 'org', manager: 'subtree' } },
  'privacy.manage': { description: 'Set the privacy profile, answer requests, place legal holds', grants: {} },
  'duty.set': { description: 'Say whether one is on duty, answer challenges, call for help', grants: everybody },
  'duty.read': {
    description: 'See who is on duty',
    grants: { hr: 'org', manager: 'subtree', sales: 'own', warehouse: 'own', staff: 'own', auditor: 'org' },
  },
  'duty.challenge': { description: 'Ask somebody on duty where he is', grants: { manager: 'subtree' } },
});
