import { checkInsApi } from '@loro/contracts/check-ins';
import { trackingApi } from '@loro/contracts/tracking';
import { ulid } from 'ulid';
import type { Person, TestHub } from '../../server/testing/test-hub';

interface Place {
  readonly lat: number;
  readonly lng: number;
  /** Metres a second; 0 stands still. */
  readonly speed?: number;
  readonly secondsAgo?: number;
}

/** Somebody in the field with a phone: reports over REST, as a phone in the background does. */
export class Phone {
  private readonly device = ulid();
  private readonly boot = ulid();
  private n = 0;

  constructor(
    private readonly hub: TestHub,
    private readonly person: Person,
  ) {}

  async report(...places: readonly Place[]): Promise<void> {
    const fixes = places.map(({ lat, lng, speed = 0, secondsAgo = 0 }) => ({
      n: ++this.n,
      at: new Date(this.hub.clock.now().getTime() - secondsAgo * 1000).toISOString(),
      lat,
      lng,
      accuracy: 6,
      speed,
      heading: 90,
    }));
    await this.hub.api(trackingApi, this.person).report({ device: this.device, boot: this.boot, fixes });
  }

  async checkIn(note: string): Promise<string> {
    const position = { lat: -26.2041, lng: 28.0473 };
    const { id } = await this.hub.api(checkInsApi, this.person).start({ position, note });
    return id;
  }

  async checkOut(checkInId: string): Promise<void> {
    const position = { lat: -26.2042, lng: 28.0474 };
    await this.hub.api(checkInsApi, this.person).end({ checkInId, position });
  }
}
