import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { canonicalJson } from '../platform/json';
import { ulid } from '../platform/ulid';
import type { BuiltInRole } from '@loro/contracts/kit/permissions';
import { freshly } from './licenses';
import type { Person, TestHub } from './test-hub';

/** An office whose fence is a circle of 100 m, and points around it. */
export const OFFICE = { lat: -26.107567, lng: 28.056702, radiusM: 100 };
export const AT_OFFICE = { lat: -26.1076, lng: 28.0568, accuracy: 10 };
/** 148 m from the middle: 48 m outside. */
export const NEAR_OFFICE = { lat: -26.1089, lng: 28.056702, accuracy: 10 };
/** On the border: nobody can tell. */
export const AT_BORDER = { lat: -26.107567, lng: 28.057702, accuracy: 20 };

/** Somebody who works at a fenced office. */
export async function officeWorker(
  hub: TestHub,
  role: BuiltInRole = 'staff',
  beside?: Pick<Person, 'orgId' | 'branchId'>,
): Promise<Person> {
  if (beside) return hub.person({ role, beside });
  const { orgId } = await hub.person();
  return hub.person({ role, beside: { orgId, branchId: await hub.branch(orgId, OFFICE) } });
}

/** A check-in at the office, live unless told otherwise. */
export const checkIn = (fields: Record<string, unknown> = {}) => ({
  clientId: ulid(),
  type: 'office' as const,
  kind: 'in' as const,
  position: AT_OFFICE,
  ...fields,
});

/** The key pair that a phone makes for itself. */
export function phone() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const key = createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
  return {
    publicKey: raw.toString('base64'),
    signed: <T extends object>(input: T): T & { signature: string } => ({
      ...input,
      signature: sign(null, Buffer.from(canonicalJson(input)), key).toString('base64'),
    }),
  };
}

/** Lets time pass; these people sign in anew, for a token is over by then. */
export async function later(hub: TestHub, ms: number, ...people: readonly Person[]): Promise<void> {
  hub.clock.advance(ms);
  for (const person of people) Object.assign(person, await freshly(hub, person));
}
