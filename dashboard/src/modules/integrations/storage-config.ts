import type { StoragePlace, StorageTarget } from '@loro/contracts/storage-targets';
import type { FieldDefinition } from '../../ui/defined-fields';
import type { Draft } from './service-config';

export type Driver = StoragePlace['driver'];
export const drivers = ['local', 's3', 'gcs', 'azure'] as const satisfies readonly Driver[];
export const driverTitles: Readonly<Record<Driver, string>> = {
  local: 'The hub’s own disk',
  s3: 'Amazon S3, or what speaks like it',
  gcs: 'Google Cloud Storage',
  azure: 'Azure Blob Storage',
};
export const fileKinds = ['photos', 'documents', 'exports'] as const;
const retentions = ['temporary', 'standard', 'archive'] as const;
const encryptions = ['none', 'AES256', 'aws:kms'] as const;

const prefix: FieldDefinition = { name: 'prefix', label: 'Folder (optional)' };
const bucket: FieldDefinition = { name: 'bucket', label: 'Bucket' };
const region: FieldDefinition = { name: 'region', label: 'Region' };
const key: FieldDefinition = { name: 'accessKeyId', label: 'Access key id' };
const encryption: FieldDefinition = {
  name: 'encryption',
  label: 'Encryption there',
  choices: [
    ['none', 'As the bucket says'],
    ['AES256', 'AES-256'],
    ['aws:kms', 'By a key of KMS'],
  ],
};

const places: Readonly<Record<Driver, readonly FieldDefinition[]>> = {
  local: [prefix],
  s3: [
    { name: 'endpoint', label: 'Address (empty: Amazon’s own)', type: 'url' },
    region,
    bucket,
    prefix,
    key,
    encryption,
  ],
  gcs: [bucket, region, prefix, key],
  azure: [
    { name: 'endpoint', label: 'Address of the account', type: 'url' },
    { ...bucket, label: 'Container' },
    prefix,
  ],
};

export const placeFields = (driver: Driver): readonly FieldDefinition[] => places[driver];
export const ruleFields: readonly FieldDefinition[] = [
  { name: 'maxFileMb', label: 'Largest file in MB', type: 'number' },
  { name: 'mimeAllow', label: 'Allowed types (empty: every type)', hint: 'Such as image/*, application/pdf' },
  { name: 'urlTtlSec', label: 'Seconds for which a link opens a file', type: 'number' },
  { name: 'quotaGb', label: 'At most so many GB (optional)', type: 'number' },
  {
    name: 'retention',
    label: 'Kept as',
    choices: [
      ['standard', 'Standard'],
      ['temporary', 'Temporary'],
      ['archive', 'Archive'],
    ],
  },
  { name: 'scanUrl', label: 'Scanner that is asked first (optional)', type: 'url' },
];

const GB = 1_073_741_824;

export function draftOf(target: StorageTarget | null): Draft {
  const place = Object.entries(target?.place ?? {}).map(([name, value]) => [name, value ?? '']);
  return {
    region: 'us-east-1',
    encryption: 'none',
    ...Object.fromEntries(place),
    maxFileMb: String(target?.maxFileMb ?? 50),
    mimeAllow: (target?.mimeAllow ?? []).join(', '),
    urlTtlSec: String(target?.urlTtlSec ?? 600),
    quotaGb: target?.quotaBytes ? String(target.quotaBytes / GB) : '',
    retention: target?.retention ?? 'standard',
    scanUrl: target?.scanUrl ?? '',
  };
}

const orNull = (text: string): string | null => (text === '' ? null : text);

export function placeOf(driver: Driver, draft: Draft): StoragePlace {
  const text = (name: string): string => (draft[name] ?? '').trim();
  const where = { bucket: text('bucket'), prefix: text('prefix') };
  if (driver === 'local') return { driver, prefix: text('prefix') };
  if (driver === 'azure') return { driver, endpoint: text('endpoint'), ...where };
  if (driver === 'gcs') {
    const endpoint = text('endpoint') || 'https://storage.googleapis.com';
    return { driver, endpoint, region: text('region'), accessKeyId: text('accessKeyId'), ...where };
  }
  return {
    driver,
    endpoint: orNull(text('endpoint')),
    region: text('region'),
    accessKeyId: text('accessKeyId'),
    encryption: encryptions.find((one) => one === draft['encryption']) ?? 'none',
    kmsKeyId: orNull(text('kmsKeyId')),
    ...where,
  };
}

export function rulesOf(draft: Draft) {
  const text = (name: string): string => (draft[name] ?? '').trim();
  return {
    maxFileMb: Number(text('maxFileMb')),
    mimeAllow: text('mimeAllow')
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean),
    urlTtlSec: Number(text('urlTtlSec')),
    quotaBytes: text('quotaGb') === '' ? null : Math.round(Number(text('quotaGb')) * GB),
    retention: retentions.find((one) => one === draft['retention']) ?? 'standard',
    scanUrl: orNull(text('scanUrl')),
  };
}
