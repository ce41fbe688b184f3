import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { FilePayload } from '@loro/contracts/licensing-nodes';
import { licenseLimits, type License, type Override } from '@loro/contracts/licensing-values';
import { type Actor, allow, Conflict, type Hub, HubError } from '../../platform';
import type { ClockStore } from './clock.store';
import { fingerprintHash } from './keys.service';
import { isClockBehind, readFile, writeFile } from './license-file.policy';
import type { LicenseBook } from './license-book';
import { LicenseModel } from './license.model';
import { alreadyLicensed, type LicenseWriter } from './license-writer.service';
import type { LicensesService } from './licenses.service';
import { works } from './licensing.policy';
import type { Owners } from './owners';
import type { Plan, PlanBook } from './plan-book';
import { standingOf } from './terms.policy';

/** What an Ed25519 key of 32 bytes begins with, private in PKCS #8 and public in SPKI. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

interface Uses {
  readonly book: LicenseBook;
  readonly plans: PlanBook;
  readonly writer: LicenseWriter;
  readonly licenses: LicensesService;
  readonly clock: ClockStore;
  readonly owners: Owners;
}

const kidOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest('hex')
    .slice(0, 16);

/**
 * Licences for installations without a network: signed files. Whose signature counts is said by whoever runs the hub,
 * in its configuration, and never by a caller.
 */
export class FilesService {
  private readonly privateKey: KeyObject;
  private readonly publicKey: KeyObject;
  private readonly keys: ReadonlyMap<string, KeyObject>;

  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {
    const { LICENSE_SIGNING_KEY: given, LICENSE_PUBLIC_KEYS: trusted } = hub.config;
    const seed = given === undefined ? hub.secrets.hmac('licensing', 'file-key') : Buffer.from(given, 'base64');
    this.privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
    this.publicKey = createPublicKey(this.privateKey);
    const others = trusted.map((key) =>
      createPublicKey({ key: Buffer.concat([SPKI, Buffer.from(key, 'base64')]), format: 'der', type: 'spki' }),
    );
    this.keys = new Map([this.publicKey, ...others].map((key) => [kidOf(key), key]));
  }

  async issue(
    actor: Actor,
    { orgId, licenseId }: { orgId: string; licenseId: string },
    asked: { ttlSeconds: number | null; fingerprint?: string | undefined; organisation?: string | undefined },
  ): Promise<{ file: string; kid: string; publicKey: string; expiresAt: string | null }> {
    allow(actor, 'license.admin');
    return this.hub.transact(async (after) => {
      const held = await this.uses.book.lock(orgId, licenseId);
      const now = this.hub.now();
      const standing = standingOf(held, now);
      if (!works(standing)) throw new Conflict('LICENSE_STATE', `This licence is ${standing.state}.`);
      if (!standing.features.has('offline-license'))
        throw new Conflict('NOT_FOR_FILES', `The plan ${standing.plan} is not for installations without a network.`);
      const ends = [
        asked.ttlSeconds === null ? null : new Date(now.getTime() + asked.ttlSeconds * 1_000),
        // Nobody gets more time from a file than from the licence.
        held.row.expiresAt,
      ].flatMap((at) => at ?? []);
      const exp = ends.toSorted((a, b) => a.getTime() - b.getTime())[0]?.toISOString() ?? null;
      const kid = kidOf(this.publicKey);
      const payload = {
        lic: licenseId,
        org: asked.organisation ?? orgId,
        plan: standing.plan,
        type: held.row.type,
        iat: now.toISOString(),
        exp,
        entitlements: [...standing.features].toSorted(),
        limits: standing.limits,
        grace: held.row.graceDays,
        ...(asked.fingerprint !== undefined && { fingerprint: fingerprintHash(asked.fingerprint) }),
      };
      after.record({
        type: 'security_event',
        action: 'license-file.issued',
        orgId,
        entity: { type: 'license', id: licenseId },
        data: { kid, exp },
      });
      const file = writeFile(payload, { kid, privateKey: this.privateKey });
      const publicKey = this.publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI.length).toString('base64');
      return { file, kid, publicKey, expiresAt: exp };
    });
  }

  async install(
    actor: Actor,
    { file, fingerprint }: { file: string; fingerprint?: string | undefined },
  ): Promise<License> {
    await this.uses.owners.must(actor, 'license.buy');
    const said = readFile(file, this.keys);
    if (!said) throw new HubError('FILE_SIGNATURE', 'No key that this hub trusts signed exactly this file.');
    await this.mustHold(said, actor.orgId, fingerprint);
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const plan = await this.uses.plans.newest(said.plan);
      const current = await this.uses.book.lockCurrent(orgId);
      // A file of this hub's own would bring back what was suspended or revoked since.
      if ((await LicenseModel.count({ where: { id: said.lic } })) > 0) throw alreadyLicensed();
      const issuedAt = new Date(said.iat);
      await this.uses.clock.know(issuedAt);
      const fields = fieldsOf(said, plan, issuedAt);
      const act = { done: 'file-installed', data: { kid: said.kid, license: said.lic } };
      if (current?.row.fileIssuedAt == null)
        return this.uses.licenses.present(await this.uses.writer.create({ orgId, plan, fields }, act, after));
      if (issuedAt <= current.row.fileIssuedAt) throw new HubError('FILE_EXPIRED', 'A newer file is in force.');
      const { anchorDay: _kept, ...renewal } = fields;
      const held = await this.uses.writer.change(current, { ...renewal, planVersionId: plan.id }, act, after);
      return this.uses.licenses.present(held);
    });
  }

  private async mustHold(said: FilePayload, orgId: string, fingerprint: string | undefined): Promise<void> {
    const isOurs = said.org === orgId;
    const isThisMachine =
      said.fingerprint === undefined ||
      (fingerprint !== undefined && said.fingerprint === fingerprintHash(fingerprint));
    if (!isOurs || !isThisMachine)
      throw new HubError('FILE_NOT_FOR_YOU', 'The file is for another organisation or machine.');
    const now = this.hub.now();
    if (isClockBehind(new Date(said.iat), now) || (await this.uses.clock.behindMs()) !== null)
      throw new HubError('CLOCK_TAMPERED', 'The clock of this machine is behind a time that has been.');
    if (said.exp !== null && new Date(said.exp) <= now) throw new HubError('FILE_EXPIRED', 'The file has run out.');
  }
}

/** The file decides: what it names is held, and nothing else that its plan may hold here. */
function fieldsOf(said: FilePayload, plan: Plan, issuedAt: Date) {
  const expiresAt = said.exp === null ? null : new Date(said.exp);
  return {
    type: typeOf(said.type, expiresAt),
    startsAt: issuedAt,
    termStart: issuedAt,
    expiresAt,
    graceDays: said.grace ?? 0,
    anchorDay: issuedAt.getUTCDate(),
    overrides: JSON.stringify(exceptions(said, plan)),
    fileIssuedAt: issuedAt,
  };
}

/** A perpetual licence in a file with an end is one until then. */
const typeOf = (type: FilePayload['type'], expiresAt: Date | null): FilePayload['type'] =>
  expiresAt === null ? 'perpetual' : type === 'perpetual' ? 'enterprise' : type;

function exceptions(said: FilePayload, plan: Plan): Override[] {
  const held = new Set(said.entitlements);
  const given = { reason: 'licence file', expiresAt: null };
  return [
    ...plan.features
      .filter((feature) => !held.has(feature))
      .map((feature): Override => ({ kind: 'feature', feature, isHeld: false, ...given })),
    ...said.entitlements
      .filter((feature) => !plan.features.includes(feature))
      .map((feature): Override => ({ kind: 'feature', feature, isHeld: true, ...given })),
    ...licenseLimits.map((limit): Override => ({ kind: 'limit', limit, value: said.limits[limit], ...given })),
  ];
}
