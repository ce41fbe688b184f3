import type { IntegrationConfig } from '@loro/contracts/integrations';
import type { FieldDefinition } from '../../ui/defined-fields';

export type ServiceKind = IntegrationConfig['kind'];
export type Draft = Readonly<Record<string, string>>;

export const kindTitles: Readonly<Record<ServiceKind, string>> = {
  smtp: 'Mail (SMTP)',
  sms: 'Text messages',
  push: 'Push messages',
  maps: 'Maps',
  storage: 'Storage',
  webhook: 'Any HTTP service',
  payment: 'Payments',
  calendar: 'Calendar',
  sso: 'Single sign-on',
};

export const kinds = [
  'smtp',
  'sms',
  'push',
  'maps',
  'payment',
  'calendar',
  'webhook',
  'storage',
  'sso',
] as const satisfies readonly ServiceKind[];

const securities = ['tls', 'starttls', 'none'] as const;
const authorizations = ['none', 'bearer', 'basic', 'header'] as const;

const mail: readonly FieldDefinition[] = [
  { name: 'host', label: 'Host' },
  { name: 'port', label: 'Port', type: 'number' },
  {
    name: 'security',
    label: 'Security',
    choices: [
      ['starttls', 'STARTTLS'],
      ['tls', 'TLS from the start'],
      ['none', 'None'],
    ],
  },
  { name: 'user', label: 'User (optional)' },
  { name: 'from', label: 'Sender', type: 'email' },
];
const overHttp: readonly FieldDefinition[] = [
  { name: 'url', label: 'Address', type: 'url' },
  {
    name: 'authorization',
    label: 'How the secret travels',
    choices: [
      ['bearer', 'As a bearer token'],
      ['basic', 'As the password of a user'],
      ['header', 'In a header of its own'],
      ['none', 'There is none'],
    ],
  },
];
const bucket: readonly FieldDefinition[] = [
  { name: 'endpoint', label: 'Address (empty: Amazon’s own)', type: 'url' },
  { name: 'region', label: 'Region' },
  { name: 'bucket', label: 'Bucket' },
  { name: 'accessKeyId', label: 'Access key id' },
];
const sso: readonly FieldDefinition[] = [
  { name: 'issuer', label: 'Issuer', type: 'url' },
  { name: 'clientId', label: 'Client id' },
];

/** What is asked for a kind of service, by what was said already. */
export function fieldsOf(kind: ServiceKind, draft: Draft): readonly FieldDefinition[] {
  if (kind === 'smtp') return mail;
  if (kind === 'storage') return bucket;
  if (kind === 'sso') return sso;
  if (draft['authorization'] === 'basic') return [...overHttp, { name: 'user', label: 'User' }];
  if (draft['authorization'] === 'header') return [...overHttp, { name: 'header', label: 'Name of the header' }];
  return overHttp;
}

export const presets: Draft = {
  port: '587',
  security: 'starttls',
  authorization: 'bearer',
  header: 'x-api-key',
  region: 'us-east-1',
};

/** A configuration as the fields hold it. */
export const draftOf = (config: IntegrationConfig): Draft => ({
  ...presets,
  ...Object.fromEntries(Object.entries(config).map(([name, value]) => [name, value === null ? '' : String(value)])),
});

/** What the fields hold as a configuration. */
export function configOf(kind: ServiceKind, draft: Draft): IntegrationConfig {
  const text = (name: string): string => (draft[name] ?? '').trim();
  const user = text('user') === '' ? {} : { user: text('user') };
  if (kind === 'smtp') {
    const security = securities.find((one) => one === draft['security']) ?? 'starttls';
    return { kind, host: text('host'), port: Number(text('port')), security, from: text('from'), ...user };
  }
  if (kind === 'storage') {
    const endpoint = text('endpoint') === '' ? null : text('endpoint');
    return { kind, endpoint, region: text('region'), bucket: text('bucket'), accessKeyId: text('accessKeyId') };
  }
  if (kind === 'sso') return { kind, issuer: text('issuer'), clientId: text('clientId') };
  const authorization = authorizations.find((one) => one === draft['authorization']) ?? 'bearer';
  return { kind, url: text('url'), authorization, header: text('header'), ...user };
}
