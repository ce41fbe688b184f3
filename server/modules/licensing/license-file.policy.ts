import { type KeyObject, sign, verify } from 'node:crypto';
import { FilePayload } from '@loro/contracts/licensing-nodes';
import { canonicalJson } from '../../platform';

const PREFIX = 'LORO1';
/** Signatures of files are of no use for anything else. */
const signed = (payload: string): Buffer => Buffer.from(`license/${payload}`);
const CLOCK_MAY_LAG_MS = 10 * 60_000;

export interface FileKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
}

/** `LORO1.<payload>.<signature>`: canonical JSON and Ed25519, both base64url. */
export function writeFile(payload: Omit<FilePayload, 'v' | 'kid'>, { kid, privateKey }: FileKey): string {
  const text = Buffer.from(canonicalJson({ ...payload, v: 1, kid })).toString('base64url');
  return [PREFIX, text, sign(null, signed(text), privateKey).toString('base64url')].join('.');
}

/** What a file says, if one of the keys signed exactly this; null otherwise. */
export function readFile(text: string, keys: ReadonlyMap<string, KeyObject>): FilePayload | null {
  const [prefix, payload, signature, ...rest] = text.trim().split('.');
  if (prefix !== PREFIX || payload === undefined || signature === undefined || rest.length > 0) return null;
  const said = parsed(payload);
  const key = said && keys.get(said.kid);
  if (!key || !verify(null, signed(payload), key, Buffer.from(signature, 'base64url'))) return null;
  return said;
}

/** The signature is checked after it names its key, so this must bear anything. */
function parsed(payload: string): FilePayload | null {
  try {
    return FilePayload.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString())).data ?? null;
  } catch {
    return null;
  }
}

/** Whether the clock was set back behind a time that is known to have been. */
export const isClockBehind = (greatest: Date, now: Date): boolean =>
  now.getTime() < greatest.getTime() - CLOCK_MAY_LAG_MS;
