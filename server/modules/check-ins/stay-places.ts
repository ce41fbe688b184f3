import type { CheckIn } from '@loro/contracts/check-ins';
import type { Actor } from '../../platform';
import { type CheckInRow, plainPlace, toContract } from './check-in.row';
import type { LocationKeys, Sealing } from './location-keys';
import { openPlace } from './places';
import type { PrivacyService } from './privacy.service';
import { cityCell, middleOf } from './standing.service';

type Place = CheckIn['startedPlace'];
/** About half the width of a cell of resolution 7. */
const CITY_M = 1_400;

/** The city-level place that whoever may not see the exact one sees. */
const coarse = (place: Place): Place => place && middleOf(cityCell(place), CITY_M);

/** Opens the places of stays, for eyes that may see them. */
export class StayPlaces {
  constructor(
    private readonly keys: LocationKeys,
    private readonly privacy: PrivacyService,
  ) {}

  /** For a list, nobody sees more than a city of anybody else, once the organisation has promised something. */
  async present(row: CheckInRow, userName: string, actor: Actor | null): Promise<CheckIn> {
    const isExact = actor?.userId === row.userId || !(await this.privacy.profileOf(row.orgId));
    const [started, ended] = await Promise.all([this.started(row), this.ended(row)]);
    return toContract(row, userName, {
      startedPlace: isExact ? started : coarse(started),
      endedPlace: isExact ? ended : coarse(ended),
    });
  }

  private async started({ orgId, userId, id, ...row }: CheckInRow): Promise<Place> {
    if (row.startedPlace) return this.open({ orgId, userId, id, at: row.startedAt }, row.startedPlace);
    return plainPlace(row.startedLatE7, row.startedLngE7, row.startedAccuracyM);
  }

  private async ended({ orgId, userId, id, ...row }: CheckInRow): Promise<Place> {
    if (row.endedPlace && row.endedAt)
      return this.open({ orgId, userId, id: row.endedBy ?? id, at: row.endedAt }, row.endedPlace);
    return plainPlace(row.endedLatE7, row.endedLngE7, row.endedAccuracyM);
  }

  private async open(whose: Sealing, sealed: Buffer): Promise<Place> {
    const reading = await openPlace(this.keys, whose, sealed);
    if (!reading) return null;
    const { lat, lng, accuracy, provider } = reading;
    // What was said without an accuracy is answered without one.
    return provider === UNSAID ? { lat, lng } : { lat, lng, accuracy };
  }
}

/** Stands in the reading of a call that named no accuracy. */
export const UNSAID = 'unsaid';
