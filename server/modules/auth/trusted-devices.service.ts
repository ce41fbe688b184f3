import type { TrustedDevice } from '@loro/contracts/auth-factors';
import { Op } from 'sequelize';
import { type Actor, type Hub, NotFound, type Page, pageOf, ulid } from '../../platform';
import { newBearer, sha256 } from './bearer';
import { TrustedDeviceModel } from './trusted-device.model';

export const TRUSTED_MS = 30 * 86_400_000;

/** Devices whose owner gave a second factor on them, and does not want to give it again for thirty days. */
export class TrustedDevices {
  constructor(private readonly hub: Hub) {}

  /** In the caller's transaction. @returns the token that the device is known by */
  async trust(orgId: string, userId: string, name: string): Promise<string> {
    const token = newBearer();
    const now = this.hub.now();
    await TrustedDeviceModel.create({
      orgId,
      id: ulid(now.getTime()),
      userId,
      tokenSha256: sha256(token),
      name,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: new Date(now.getTime() + TRUSTED_MS),
    });
    return token;
  }

  async isTrusted(orgId: string, userId: string, token: string | undefined): Promise<boolean> {
    if (token === undefined) return false;
    const lastUsedAt = this.hub.now();
    const device = await TrustedDeviceModel.findOne({
      where: { orgId, userId, tokenSha256: sha256(token), expiresAt: { [Op.gt]: lastUsedAt } },
    });
    await device?.update({ lastUsedAt });
    return device !== null;
  }

  async list(
    { orgId, userId }: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<TrustedDevice>> {
    const after = this.hub.cursors.decode('trusted-devices', cursor);
    const rows = await TrustedDeviceModel.findAll({
      where: {
        orgId,
        userId,
        expiresAt: { [Op.gt]: this.hub.now() },
        ...(after && { id: { [Op.lt]: String(after[0]) } }),
      },
      order: [['id', 'DESC']],
      limit: limit + 1,
    });
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('trusted-devices', [id]),
      (row) => row.toContract(),
    );
  }

  async forget({ orgId, userId }: Actor, id: string): Promise<void> {
    await this.hub.transact(async (after) => {
      if ((await TrustedDeviceModel.destroy({ where: { orgId, userId, id } })) === 0) throw new NotFound('This device');
      after.record({
        type: 'security_event',
        action: 'trusted-device.forgotten',
        entity: { type: 'trusted-device', id },
      });
    });
  }

  /** A password that was lost or changed, a person who leaves: nobody is trusted on the word of before. */
  async forgetAll(orgId: string, userId: string): Promise<void> {
    await this.hub.transact(async (after) => {
      const count = await TrustedDeviceModel.destroy({ where: { orgId, userId } });
      if (count === 0) return;
      after.record({
        type: 'security_event',
        action: 'trusted-devices.forgotten',
        orgId,
        entity: { type: 'user', id: userId },
        data: { count },
      });
    });
  }
}
