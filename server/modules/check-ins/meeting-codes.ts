import type { MeetingCode } from '@loro/contracts/check-ins-setup';
import type { z } from 'zod';
import { type Actor, allow, type Hub } from '../../platform';

const STEP_MS = 30_000;
const LENGTH = 10;

/** What the screen of a meeting room shows: another every 30 s, so that a picture of it is soon worth nothing. */
export class MeetingCodes {
  constructor(private readonly hub: Hub) {}

  async current(actor: Actor, meetingId: string): Promise<z.output<typeof MeetingCode>> {
    allow(actor, 'check-ins.create');
    const step = stepOf(this.hub.now().getTime());
    return {
      meetingId,
      code: this.codeOf(actor.orgId, meetingId, step),
      from: new Date(step * STEP_MS).toISOString(),
      until: new Date((step + 1) * STEP_MS).toISOString(),
    };
  }

  /** The one of the moment, or the one before it: scanning takes a while. */
  isRight(orgId: string, meetingId: string, code: string, atMs: number): boolean {
    const step = stepOf(atMs);
    return [step, step - 1].some((one) => this.codeOf(orgId, meetingId, one) === code);
  }

  private codeOf(orgId: string, meetingId: string, step: number): string {
    return this.hub.secrets
      .hmac('locations', `meeting:${orgId}:${meetingId}:${step}`)
      .toString('base64url')
      .slice(0, LENGTH);
  }
}

const stepOf = (ms: number): number => Math.floor(ms / STEP_MS);
