import type { Hub } from '../../platform';
import { DayLore } from './day.lore';
import { DayStore } from './day.store';
import { DaysService } from './days.service';
import { Doors } from './doors';
import { FenceVisitsService } from './fence-visits.service';
import { FilesService } from './files.service';
import { FollowService } from './follow.service';
import { JourneyReads } from './journey.reads';
import { JourneyStore } from './journey.store';
import { JourneysService } from './journeys.service';
import { KeepingService } from './keeping.service';
import { LiveDaysService } from './live-days.service';
import { LooksService } from './looks.service';
import { MileageService } from './mileage.service';
import { PlaybackService } from './playback.service';
import { SharesService } from './shares.service';
import { TrackablesService } from './trackables.service';
import { TrackingService } from './tracking.service';
import { TracksService } from './tracks.service';

/** Positions: taking fixes in, following them, adding days up, reading what they show, handing it on. */
export class TrackingRoom {
  readonly tracking: TrackingService;
  readonly follow: FollowService;
  readonly fenceVisits: FenceVisitsService;
  readonly tracks: TracksService;
  readonly playback: PlaybackService;
  readonly trackables: TrackablesService;
  readonly looks: LooksService;
  readonly journeys: JourneysService;
  readonly liveDays: LiveDaysService;
  readonly days: DaysService;
  readonly mileage: MileageService;
  readonly shares: SharesService;
  readonly files: FilesService;
  readonly keeping: KeepingService;
  private readonly doors: Doors;

  constructor(hub: Hub) {
    this.tracking = new TrackingService(hub);
    const { mirror, newest, enrolment, windows } = this.tracking;
    const raise = () => newest.raise();
    this.follow = new FollowService(hub);
    this.fenceVisits = new FenceVisitsService(hub);
    this.looks = new LooksService(hub);
    this.tracks = new TracksService(hub, { mirror, looks: this.looks, raise });
    this.trackables = new TrackablesService(hub, { enrolment, windows });
    this.keeping = new KeepingService(hub);
    const { looks, tracks, fenceVisits, keeping } = this;
    const reads = new JourneyReads(hub);
    const days = new DayStore(hub);
    this.mileage = new MileageService(hub, reads);
    const { mileage } = this;
    const uses = { days, journeys: new JourneyStore(hub), lore: new DayLore(hub), fenceVisits };
    this.liveDays = new LiveDaysService(hub, uses);
    this.days = new DaysService(hub, { ...uses, keeping, mileage });
    this.playback = new PlaybackService(hub, { tracks, looks });
    this.journeys = new JourneysService(hub, { reads, looks, mileage });
    this.shares = new SharesService(hub, { looks, raise });
    this.files = new FilesService(hub, { reads, days, tracks, looks });
    this.doors = new Doors(hub);
  }

  start(): void {
    this.tracking.windows.start();
  }

  stop(): Promise<void> {
    return this.tracking.stop();
  }

  /** The last sign of life of a person between two instants, or null: for whoever ends an attendance that nobody ended. */
  evidenceBetween(orgId: string, userId: string, from: Date, to: Date): Promise<Date | null> {
    return this.doors.evidenceBetween(orgId, userId, from, to);
  }

  /** Metres that a person travelled, as tracked himself, on local dates; both ends are included. */
  distanceOf(orgId: string, userId: string, from: string, to: string): Promise<number> {
    return this.doors.distanceOf(orgId, userId, from, to);
  }
}
