import { api } from './kit/api';
import { contract } from './kit/contract';
import { permissions } from './kit/permissions';
import { errors } from './kit/problem';
import { billingRows } from './licensing-billing';
import { complianceRows } from './licensing-compliance';
import { licenseRows, ownLicenseRows } from './licensing-licenses';
import {
  checkCompliance,
  flushUsage,
  licensingLive,
  reconcileUsage,
  renewLicense,
  renewLicenses,
  reportCompliance,
  tickStates,
} from './licensing-live';
import { nodeRows } from './licensing-nodes';
import { planRows } from './licensing-plans';
import { usageRows } from './licensing-usage';

export const licensingApi = api('', {
  ...ownLicenseRows,
  ...licenseRows,
  ...planRows,
  ...usageRows,
  ...billingRows,
  ...nodeRows,
  ...complianceRows,
});

export const licensingContract = contract({
  name: 'licensing',
  api: licensingApi,
  live: licensingLive,
  jobs: [tickStates, renewLicenses, renewLicense, flushUsage, reconcileUsage, checkCompliance, reportCompliance],
  permissions: permissions({
    'license.read': { description: 'See the licence, its plan and what is used of it', grants: { auditor: 'org' } },
    'license.quote': { description: 'See what another plan costs', grants: {} },
    'license.buy': { description: 'Choose plans and pay for them; the owner’s own doing', grants: {} },
    'license.seat': { description: 'Give and free seats', grants: {} },
    'license.activate': { description: 'Activate machines of a self-hosted installation', grants: {} },
    'license.meter': { description: 'Report what was used', grants: {} },
    'license.compliance': {
      description: 'See where use and licence differ, and report it',
      grants: { auditor: 'org' },
    },
    'license.waive': { description: 'Accept a finding of compliance', grants: {} },
    'license.admin': {
      description: 'Make plans, and license, suspend, revoke and transfer, of all organisations',
      isHubWide: true,
      grants: { platform_admin: 'org' },
    },
  }),
  errors: errors({
    LICENSE_LIMIT_REACHED: {
      status: 402,
      title: 'Limit of the plan reached',
      help: '`current` says which limit, what is allowed and what is used. Free something, or take a larger plan.',
    },
    QUOTA_EXCEEDED: {
      status: 429,
      title: 'Quota used up',
      help: '`current.resetAt` says when the next period begins. A larger plan has a larger quota.',
    },
    ALREADY_LICENSED: {
      status: 409,
      title: 'Already licensed',
      help: 'The organisation has a licence that works. Change that one, or revoke it first.',
    },
    TRIAL_USED: { status: 409, title: 'Trial used', help: 'There is one trial for an organisation and its domain.' },
    TRIAL_EXTENDED: { status: 409, title: 'Extended already', help: 'A trial is extended once.' },
    LICENSE_STATE: {
      status: 409,
      title: 'Not in this state',
      help: '`detail` says what the licence is; what you ask for needs another state.',
    },
    PLAN_UNKNOWN: { status: 422, title: 'Unknown plan', help: '`GET /licensing/matrix` lists the plans.' },
    PLAN_PUBLISHED: {
      status: 409,
      title: 'Published already',
      help: 'What is published never changes. Draft the next version of the plan.',
    },
    PLAN_DRAFT_OPEN: { status: 409, title: 'Draft open', help: 'Publish or drop the draft of this plan first.' },
    PAYMENTS_NOT_SET_UP: {
      status: 409,
      title: 'No payments here',
      help: 'This hub has no payment provider. Ask whoever runs it to license you.',
    },
    PAYMENT_FAILED: { status: 402, title: 'Not paid', help: '`detail` is what the payment provider said.' },
    CHARGE_UNDER_WAY: { status: 409, title: 'Payment under way', help: 'Wait until the provider has settled it.' },
    NO_SUBSCRIPTION: { status: 409, title: 'No subscription', help: 'The licence is not one that renews itself.' },
    WEBHOOK_SIGNATURE: {
      status: 401,
      title: 'Signature wrong',
      help: 'Sign `id.timestamp.body` with the secret, at most five minutes ago.',
    },
    KEY_CHECKSUM: { status: 422, title: 'Mistyped key', help: 'A character of the licence key is wrong or missing.' },
    FILE_SIGNATURE: {
      status: 422,
      title: 'Signature wrong',
      help: 'The file was changed, or signed by a key that this hub does not know.',
    },
    FILE_NOT_FOR_YOU: {
      status: 422,
      title: 'For somebody else',
      help: 'The file names another organisation or machine.',
    },
    FILE_EXPIRED: { status: 422, title: 'File expired', help: 'Ask for a new file.' },
    CLOCK_TAMPERED: {
      status: 422,
      title: 'Clock set back',
      help: 'The clock of this machine is behind a time that has been. Put it right.',
    },
    NOT_FOR_FILES: {
      status: 409,
      title: 'Not for files',
      help: 'The licence does not hold `offline-license`.',
    },
    SEAT_IN_USE: { status: 409, title: 'Seat in use', help: 'Suspend or deactivate the person first.' },
    SEAT_NOT_NEEDED: {
      status: 409,
      title: 'No seat needed',
      help: 'Clients, resellers and services take none, nor does who has left.',
    },
    FINDING_CLOSED: { status: 409, title: 'Closed already', help: 'The finding is fixed or was waived.' },
  }),
});
