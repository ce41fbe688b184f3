import type { Hub } from '../../platform';
import { FactorModel } from './factor.model';
import type { Factors } from './factors.service';
import type { Flows } from './flows.service';
import { SessionModel } from './session.model';
import type { Sessions } from './sessions.service';
import { TrustedDeviceModel } from './trusted-device.model';
import type { TrustedDevices } from './trusted-devices.service';

const GONE = 'erased';

/** What signing in leaves of a person, when the person leaves, is forgotten, or asks for it. */
export class Traces {
  constructor(
    private readonly hub: Hub,
    private readonly parts: { sessions: Sessions; factors: Factors; devices: TrustedDevices; flows: Flows },
  ) {}

  /** In the caller's transaction: no session goes on, and none is opened on the word of before. */
  async leave(orgId: string, userId: string): Promise<void> {
    await this.parts.sessions.endAll(orgId, userId, 'left');
    await this.parts.devices.forgetAll(orgId, userId);
    await this.parts.flows.leave(orgId, userId);
    // Keys that the person made act by the person's rights.
    await this.hub.changes.record({ orgId, userId, sessionId: null });
  }

  /** In the caller's transaction. That there were sessions stays known, and nothing of where they were. */
  async erase(orgId: string, userId: string): Promise<void> {
    await this.leave(orgId, userId);
    await this.parts.factors.forget(orgId, userId);
    await this.parts.flows.erase(orgId, userId);
    await SessionModel.update(
      { deviceId: null, deviceName: GONE, userAgent: '', ip: '' },
      { where: { orgId, userId } },
    );
  }

  async export(orgId: string, userId: string): Promise<Record<string, unknown>> {
    const where = { orgId, userId };
    const [sessions, factors, devices] = await Promise.all([
      SessionModel.findAll({ where, order: ['id'] }),
      FactorModel.findAll({ where, order: ['id'] }),
      TrustedDeviceModel.findAll({ where, order: ['id'] }),
    ]);
    return {
      sessions: sessions.map((session) => session.toContract('')),
      secondFactors: factors.map((factor) => factor.toContract()),
      trustedDevices: devices.map((device) => device.toContract()),
      ...(await this.parts.flows.export(orgId, userId)),
    };
  }
}
