import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { licensingApi } from '@loro/contracts/licensing';
import { licenseLimits, type LimitValues } from '@loro/contracts/licensing-values';
import { ulid } from 'ulid';
import { anAdmin, anOwner, freshly, licensed } from '../../testing/licenses';
import { outcome } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { readFile, writeFile } from './license-file.policy';

const vendor = generateKeyPairSync('ed25519');
const spki = vendor.publicKey.export({ format: 'der', type: 'spki' });
const kid = createHash('sha256').update(spki).digest('hex').slice(0, 16);

const hub = testHub({ env: { LICENSE_PUBLIC_KEYS: spki.subarray(12).toString('base64') } });
const api = (person: Pick<Person, 'token'>) => hub.api(licensingApi, person);
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const inMs = (ms: number) => new Date(hub.clock.now().getTime() + ms).toISOString();

let admin: Person;
// Other files of tests share the database, and some have moved its clock.
beforeAll(() => hub.clock.advance(1_000 * DAY_MS));

describe('licence files', () => {
  const limits = Object.fromEntries(licenseLimits.map((limit) => [limit, 7])) as LimitValues;
  const file = (orgId: string, more: object = {}) =>
    writeFile(
      {
        lic: ulid(),
        org: orgId,
        plan: 'enterprise',
        type: 'enterprise',
        iat: inMs(0),
        exp: inMs(30 * DAY_MS),
        entitlements: ['tracking', 'offline-license'],
        limits,
        grace: 5,
        ...more,
      },
      { kid, privateKey: vendor.privateKey },
    );
  const unlicensed = async () => {
    const owner = await freshly(hub, await anOwner(hub));
    await hub.sql('UPDATE licenses SET current_for = NULL, ended_at = NOW(3) WHERE current_for = ?', [owner.orgId]);
    return owner;
  };
  const install = (owner: Person, text: string, more: object = {}) =>
    outcome(api(owner).installFile({ file: text, ...more }));

  beforeAll(async () => {
    admin = await anAdmin(hub);
  });

  it('are made for licences that may have one, and end no later than they do', async () => {
    const owner = await anOwner(hub);
    const at = { orgId: owner.orgId };
    const small = await licensed(hub, owner.orgId, { type: 'perpetual', plan: 'business' }, admin);
    expect(await outcome(api(admin).file({ ...at, licenseId: small.id }))).toEqual({
      status: 409,
      code: 'NOT_FOR_FILES',
    });
    const { id: licenseId, expiresAt } = await licensed(
      hub,
      owner.orgId,
      { type: 'enterprise', plan: 'enterprise', expiresAt: inMs(3 * DAY_MS) },
      admin,
    );

    const made = await api(admin).file({ ...at, licenseId, ttlSeconds: null });

    expect(made.expiresAt).toBe(expiresAt);
    const key = createPublicKey({
      key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(made.publicKey, 'base64')]),
      format: 'der',
      type: 'spki',
    });
    expect(readFile(made.file, new Map([[made.kid, key]]))).toMatchObject({
      lic: licenseId,
      org: owner.orgId,
      grace: 15,
    });
    expect(await outcome(api(admin).file({ ...at, licenseId, ttlSeconds: 60 }))).toMatchObject({
      code: 'VALIDATION_FAILED',
    });
  });

  it('license an installation with what they name, and a newer one takes the place of an older', async () => {
    const owner = await unlicensed();

    const installed = await api(owner).installFile({ file: file(owner.orgId) });

    expect(installed).toMatchObject({ type: 'enterprise', state: 'active', graceDays: 5, limits: { users: 7 } });
    expect(installed.features.toSorted()).toEqual(['offline-license', 'tracking']);
    const older = file(owner.orgId, { iat: inMs(-DAY_MS), entitlements: ['tracking', 'leave'] });
    expect(await install(owner, older)).toEqual({ status: 422, code: 'FILE_EXPIRED' });
    hub.clock.advance(1_000);
    const newer = await api(owner).installFile({ file: file(owner.orgId, { type: 'perpetual', exp: null }) });
    expect(newer).toMatchObject({ id: installed.id, type: 'perpetual', expiresAt: null });
  });

  it('are refused when changed, expired, for somebody else, or from a key of one’s own', async () => {
    const owner = await unlicensed();
    const good = file(owner.orgId);
    const own = generateKeyPairSync('ed25519');
    const forged = writeFile(
      {
        lic: ulid(),
        org: owner.orgId,
        plan: 'enterprise',
        type: 'perpetual',
        iat: inMs(0),
        exp: null,
        entitlements: [],
        limits,
      },
      { kid, privateKey: own.privateKey },
    );

    expect(await install(owner, `${good.slice(0, -2)}AA`)).toEqual({ status: 422, code: 'FILE_SIGNATURE' });
    expect(await install(owner, forged)).toEqual({ status: 422, code: 'FILE_SIGNATURE' });
    expect(await install(owner, file(ulid()))).toEqual({ status: 422, code: 'FILE_NOT_FOR_YOU' });
    expect(await install(owner, file(owner.orgId, { fingerprint: 'a'.repeat(64) }))).toMatchObject({
      code: 'FILE_NOT_FOR_YOU',
    });
    expect(await install(owner, file(owner.orgId, { exp: inMs(-1_000) }))).toEqual({
      status: 422,
      code: 'FILE_EXPIRED',
    });
    expect(await install(owner, file(owner.orgId, { iat: inMs(11 * MINUTE_MS) }))).toEqual({
      status: 422,
      code: 'CLOCK_TAMPERED',
    });
    await within(3_000, async () => expect(await outcome(api(owner).current())).toMatchObject({ status: 404 }));
  });

  it('do not bring back what this hub itself has revoked', async () => {
    const owner = await anOwner(hub);
    const { orgId } = owner;
    const fresh = await freshly(hub, owner);
    const { id: licenseId } = await licensed(
      hub,
      orgId,
      { type: 'enterprise', plan: 'enterprise', expiresAt: inMs(9 * DAY_MS) },
      admin,
    );
    const { file: text } = await api(admin).file({ orgId, licenseId });
    await api(admin).revoke({ orgId, licenseId, reason: 'fraud' });

    expect(await install(fresh, text)).toEqual({ status: 409, code: 'ALREADY_LICENSED' });
  });

  it('stop working three days after the clock was set back, and go on when it is right again', async () => {
    const owner = await unlicensed();
    await api(owner).installFile({ file: file(owner.orgId, { exp: inMs(300 * DAY_MS) }) });
    const tick = () => hub.work('licensing.tick-states', { tick: hub.clock.now().toISOString() });
    await tick();

    hub.clock.advance(-60 * MINUTE_MS);

    const state = async () => (await api(await freshly(hub, owner)).current()).state;
    await within(3_000, async () => expect(await state()).toBe('grace'));
    for (let hours = 0; hours < 73; hours += 1) {
      await hub.sql('UPDATE license_clock SET ticked_at = ?', [new Date(hub.clock.now().getTime() - 15 * MINUTE_MS)]);
      for (let quarter = 0; quarter < 4; quarter += 1) {
        await hub.sql('UPDATE license_clock SET ticked_at = ?', [new Date(hub.clock.now().getTime() - 15 * MINUTE_MS)]);
        await tick();
      }
    }
    await within(3_000, async () => expect(await state()).toBe('expired'));
    hub.clock.advance(61 * MINUTE_MS);
    await tick();
    await within(3_000, async () => expect(await state()).toBe('active'));
  });
});
