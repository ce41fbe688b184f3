import { createPublicKey, verify } from 'node:crypto';
import type { CheckInDevice, NewDevice } from '@loro/contracts/check-ins-setup';
import type { z } from 'zod';
import {
  type Actor,
  allow,
  canonicalJson,
  Conflict,
  type Hub,
  HubError,
  may,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import { people } from '../people';

export interface DeviceRow {
  readonly id: string;
  readonly userId: string;
  readonly publicKey: string;
  readonly platform: CheckInDevice['platform'];
  readonly model: string;
  readonly state: CheckInDevice['state'];
  readonly enrolledAt: Date;
  readonly syncedAt: Date | null;
}

export interface Boot {
  readonly bootId: string;
  readonly firstServerMs: number;
  readonly serverMs: number;
  readonly monoMs: number;
  readonly clockOffsetMs: number;
}

const COLUMNS = `id, user_id AS userId, public_key AS publicKey, platform, model, state, enrolled_at AS enrolledAt,
  synced_at AS syncedAt`;
const BOOT_COLUMNS = `boot_id AS bootId, first_server_ms AS firstServerMs, server_ms AS serverMs, mono_ms AS monoMs,
  clock_offset_ms AS clockOffsetMs`;
/** What stands before the 32 bytes of every Ed25519 key in DER. */
const DER_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

const toContract = ({ publicKey: _key, enrolledAt, syncedAt, ...row }: DeviceRow): CheckInDevice => ({
  ...row,
  enrolledAt: enrolledAt.toISOString(),
  syncedAt: syncedAt?.toISOString() ?? null,
});

/** Phones that sign what they hand in, and how their clocks run. */
export class DevicesService {
  constructor(private readonly hub: Hub) {}

  async enrol(
    actor: Actor,
    { publicKey, platform, model, attestation }: z.output<typeof NewDevice>,
  ): Promise<CheckInDevice> {
    const { orgId, userId } = actor;
    allow(actor, 'devices.enrol', { userId });
    const raw = rawKey(publicKey);
    const now = this.hub.now();
    return this.hub.transact(async (after) => {
      const row: DeviceRow = {
        id: ulid(now.getTime()),
        userId,
        publicKey: raw.toString('base64'),
        platform,
        model,
        state: 'trusted',
        enrolledAt: now,
        syncedAt: null,
      };
      await this.hub.sequelize
        .query(
          `INSERT INTO enrolled_devices (org_id, id, user_id, public_key, platform, model, attestation, state, enrolled_at)
           VALUES (:orgId, :id, :userId, :publicKey, :platform, :model, :attestation, :state, :enrolledAt)`,
          { replacements: { orgId, ...row, attestation: attestation ? JSON.stringify(attestation) : null } },
        )
        .catch(
          onDuplicate((cause) => new Conflict('DEVICE_KEY_TAKEN', 'This key belongs to a device already.', { cause })),
        );
      const device = toContract(row);
      after.record({
        type: 'security_event',
        action: 'device.enrolled',
        entity: { type: 'device', id: row.id },
        after: device,
      });
      return device;
    });
  }

  async list(
    actor: Actor,
    {
      userId = actor.userId,
      limit,
      cursor,
    }: { userId?: string | undefined; limit: number; cursor?: string | undefined },
  ): Promise<Page<CheckInDevice>> {
    if (userId !== actor.userId) await this.mustManage(actor, userId);
    const [before = '~'] = this.hub.cursors.decode('devices', cursor) ?? [];
    const rows = await this.hub.select<DeviceRow>(
      `SELECT ${COLUMNS} FROM enrolled_devices WHERE org_id = :orgId AND user_id = :userId AND removed_at IS NULL AND id < :before
       ORDER BY id DESC LIMIT :limit`,
      { orgId: actor.orgId, userId, before, limit: limit + 1 },
    );
    return pageOf(rows, limit, ({ id }) => this.hub.cursors.encode('devices', [id]), toContract);
  }

  async remove(actor: Actor, id: string): Promise<void> {
    await this.hub.transact(async (after) => {
      const row = await this.lock(actor.orgId, id);
      if (row.userId !== actor.userId) throw new NotFound('This device');
      await this.hub.sequelize.query(
        'UPDATE enrolled_devices SET removed_at = :now WHERE org_id = :orgId AND id = :id',
        { replacements: { orgId: actor.orgId, id, now: this.hub.now() } },
      );
      after.record({
        type: 'security_event',
        action: 'device.removed',
        entity: { type: 'device', id },
        before: toContract(row),
      });
    });
  }

  async block(
    actor: Actor,
    id: string,
    { blocked, reason }: { blocked: boolean; reason: string },
  ): Promise<CheckInDevice> {
    return this.hub.transact(async (after) => {
      const row = await this.lock(actor.orgId, id);
      await this.mustManage(actor, row.userId);
      const changed: DeviceRow = { ...row, state: blocked ? 'blocked' : 'trusted' };
      await this.hub.sequelize.query('UPDATE enrolled_devices SET state = :state WHERE org_id = :orgId AND id = :id', {
        replacements: { orgId: actor.orgId, id, state: changed.state },
      });
      after.record({
        type: 'security_event',
        action: blocked ? 'device.blocked' : 'device.unblocked',
        entity: { type: 'device', id },
        before: toContract(row),
        after: toContract(changed),
        data: { reason },
      });
      return toContract(changed);
    });
  }

  /** A device, if it may hand things in; a colleague’s too, which the score remarks. @throws NotFound, or HubError DEVICE_NOT_ENROLLED */
  async trusted(orgId: string, id: string): Promise<DeviceRow> {
    const [row] = await this.hub.select<DeviceRow & { removedAt: Date | null }>(
      `SELECT ${COLUMNS}, removed_at AS removedAt FROM enrolled_devices WHERE org_id = :orgId AND id = :id`,
      { orgId, id },
    );
    if (!row) throw new NotFound('This device');
    if (row.state !== 'trusted' || row.removedAt)
      throw new HubError('DEVICE_NOT_ENROLLED', 'This device is enrolled no more, or was blocked.');
    return row;
  }

  /** Remembers a pair of clocks; a phone that restarted begins a new boot. */
  async sync(
    orgId: string,
    about: { deviceId: string; bootId: string; monoMs: number; wallMs: number },
  ): Promise<void> {
    const { deviceId, bootId, monoMs, wallMs } = about;
    const now = this.hub.now();
    const serverMs = now.getTime();
    await this.hub.sequelize.query(
      `INSERT INTO device_boots (org_id, device_id, boot_id, first_server_ms, server_ms, mono_ms, clock_offset_ms)
       VALUES (:orgId, :deviceId, :bootId, :serverMs, :serverMs, :monoMs, :offset)
       ON DUPLICATE KEY UPDATE server_ms = VALUES(server_ms), mono_ms = VALUES(mono_ms), clock_offset_ms = VALUES(clock_offset_ms)`,
      {
        replacements: {
          orgId,
          deviceId,
          bootId,
          serverMs,
          monoMs: Math.round(monoMs),
          offset: Math.round(wallMs - serverMs),
        },
      },
    );
    await this.hub.sequelize.query(
      'UPDATE enrolled_devices SET synced_at = :now WHERE org_id = :orgId AND id = :deviceId',
      {
        replacements: { orgId, deviceId, now },
      },
    );
  }

  /** Boots of a device, oldest first: the clock of each, and when the hub knew it. */
  async bootsOf(orgId: string, deviceId: string): Promise<Boot[]> {
    const rows = await this.hub.select<Record<keyof Boot, string | number>>(
      `SELECT ${BOOT_COLUMNS} FROM device_boots WHERE org_id = :orgId AND device_id = :deviceId ORDER BY server_ms DESC LIMIT 50`,
      { orgId, deviceId },
    );
    return rows
      .map(({ bootId, firstServerMs, serverMs, monoMs, clockOffsetMs }) => ({
        bootId: String(bootId),
        firstServerMs: Number(firstServerMs),
        serverMs: Number(serverMs),
        monoMs: Number(monoMs),
        clockOffsetMs: Number(clockOffsetMs),
      }))
      .toReversed();
  }

  /** Whether the device's key signed this. */
  isSigned({ publicKey }: DeviceRow, signed: object, signature: string): boolean {
    const key = createPublicKey({
      key: Buffer.concat([DER_PREFIX, Buffer.from(publicKey, 'base64')]),
      format: 'der',
      type: 'spki',
    });
    return verify(null, Buffer.from(canonicalJson(signed)), key, Buffer.from(signature, 'base64'));
  }

  private async mustManage(actor: Actor, userId: string): Promise<void> {
    const { homeBranchId } = await this.hub.use(people).byId(actor.orgId, userId);
    // One's own device is nobody's to block but the manager's.
    if (userId === actor.userId && !may(actor, 'devices.manage')) throw new NotFound('This device');
    allow(actor, 'devices.manage', { userId, branchId: homeBranchId, what: 'This device' });
  }

  private async lock(orgId: string, id: string): Promise<DeviceRow> {
    const [row] = await this.hub.select<DeviceRow>(
      `SELECT ${COLUMNS} FROM enrolled_devices WHERE org_id = :orgId AND id = :id AND removed_at IS NULL FOR UPDATE`,
      { orgId, id },
    );
    if (!row) throw new NotFound('This device');
    return row;
  }
}

function rawKey(text: string): Buffer {
  const raw = Buffer.from(text, 'base64');
  if (raw.length === 32) return raw;
  throw new HubError('KEY_NOT_ED25519', 'An Ed25519 public key has 32 bytes.', {
    errors: [{ path: 'publicKey', code: 'invalid_format', message: 'is not 32 bytes of base64' }],
  });
}
