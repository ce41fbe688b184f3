import type { Hub } from '../../platform';
import { FollowService } from './follow.service';
import { TrackingService } from './tracking.service';
import { TracksService } from './tracks.service';

/** The room's three subjects: taking fixes in, following them, reading tracks. */
export class TrackingRoom {
  readonly tracking: TrackingService;
  readonly follow: FollowService;
  readonly tracks: TracksService;

  constructor(hub: Hub) {
    this.tracking = new TrackingService(hub);
    this.follow = new FollowService(hub);
    this.tracks = new TracksService(hub, this.tracking.mirror, () => this.tracking.newest.raise());
  }
}
