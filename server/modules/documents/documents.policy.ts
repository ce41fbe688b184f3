import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Document, Purpose } from '@loro/contracts/documents';
import type { Reach } from '../../platform';
import type { TypeName } from './file-types.policy';

const MIB = 1_048_576;

interface Limits {
  readonly maxBytes: number;
  readonly types: readonly TypeName[];
}

const OFFICE = ['pdf', 'docx', 'xlsx', 'pptx', 'txt', 'csv', 'eml', 'zip'] as const;
const PHOTOS = ['jpg', 'png', 'webp', 'heic'] as const;

/** What each purpose takes. */
export const limitsOf: Readonly<Record<Purpose, Limits>> = {
  document: { maxBytes: 25 * MIB, types: [...OFFICE, ...PHOTOS, 'avif'] },
  'claim-evidence': { maxBytes: 25 * MIB, types: ['pdf', ...PHOTOS, 'docx', 'xlsx', 'txt', 'eml', 'zip'] },
  'product-image': { maxBytes: 15 * MIB, types: ['jpg', 'png', 'webp', 'avif'] },
  photo: { maxBytes: 10 * MIB, types: PHOTOS },
  avatar: { maxBytes: 5 * MIB, types: ['jpg', 'png', 'webp'] },
  import: { maxBytes: 50 * MIB, types: ['csv', 'xlsx'] },
};

/** How long something lies in the trash. */
export const TRASH_MS = 30 * 86_400_000;

type Seen = Pick<Document, 'ownerId' | 'branchId' | 'visibility'>;

/**
 * Whether somebody reaches a document: his own always; as far as the organisation everything; as far as branches what
 * is shown to the organisation, or to one of them. What it is linked to is asked for beside this.
 */
export function reaches(userId: string, reach: Reach, { ownerId, branchId, visibility }: Seen): boolean {
  if (ownerId === userId || reach.scope === 'org') return true;
  if (reach.scope !== 'branch' && reach.scope !== 'subtree') return false;
  return visibility === 'org' || (visibility === 'branch' && branchId !== null && reach.branchIds.has(branchId));
}

/** Whether somebody may change a document: his own, and as far as he reaches what was filed at a branch and is not private. */
export function mayChange(userId: string, reach: Reach, { ownerId, branchId, visibility }: Seen): boolean {
  if (ownerId === userId || reach.scope === 'org') return true;
  return visibility !== 'private' && branchId !== null && reach.scope !== 'own' && reach.branchIds.has(branchId);
}

export interface Address {
  readonly orgId: string;
  readonly documentId: string;
  readonly no: number;
  /** Seconds since 1970. */
  readonly exp: number;
  readonly disposition: 'attachment' | 'inline';
  readonly epoch: number;
}

/** HMAC-SHA-256 over the parts of the address, base64url; an epoch of 0 is left out. */
export function signatureOf(key: string | Buffer, { orgId, documentId, no, exp, disposition, epoch }: Address): string {
  const text = `${orgId}:${documentId}:${no}:${exp}:${disposition}${epoch > 0 ? `:${epoch}` : ''}`;
  return createHmac('sha256', key).update(text).digest('base64url');
}

export function isSignedBy(key: string | Buffer, address: Address, signature: string): boolean {
  const [expected, given] = [Buffer.from(signatureOf(key, address)), Buffer.from(signature)];
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/** A name without folders, control characters and what file systems refuse; never empty, at most 255 long. */
export function safeName(name: string): string {
  const base = name.normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  const clean = base
    // Also the marks that turn the direction of text around, which make `exe.pdf` of `fdp.exe`.
    .replaceAll(/[\p{Cc}\p{Cf}<>:|?*]/gu, '')
    .replace(/^[\s.]+/, '')
    .trim()
    .slice(-255);
  return clean === '' ? 'file' : clean;
}

/** RFC 6266: an ASCII name for old readers, the real one beside it. */
export function dispositionOf(kind: 'attachment' | 'inline', filename: string): string {
  const ascii = filename.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(filename).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/**
 * RFC 9110 `Range` of one part. Several parts, and what is no range of bytes, are as none, which the whole file answers.
 * @returns null for none, `unsatisfiable` where the file ends before it begins
 */
export function rangeOf(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | null {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return null;
  return start >= size ? 'unsatisfiable' : { start, end };
}

/** A name that no other file of an archive has; names are told apart as the strictest file system does. */
export function freeName(filename: string, taken: ReadonlySet<string>): string {
  const [, stem = filename, ext = ''] = /^(.*?)(\.[^.]{1,10})?$/s.exec(filename) ?? [];
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? filename : `${stem} (${n})${ext}`;
    if (!taken.has(name.toLowerCase())) return name;
  }
}
