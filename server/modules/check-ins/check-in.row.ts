import type { CheckIn } from '@loro/contracts/check-ins';
import type { CheckInType } from '@loro/contracts/check-ins-values';

/** A stay as its columns. Its places are sealed; the plain ones are of before they were. */
export interface CheckInRow {
  readonly orgId: string;
  readonly id: string;
  readonly branchId: string;
  readonly userId: string;
  readonly type: CheckInType;
  readonly startedAt: Date;
  readonly startedLatE7: number | null;
  readonly startedLngE7: number | null;
  readonly startedAccuracyM: number | null;
  readonly startedPlace: Buffer | null;
  readonly endedAt: Date | null;
  readonly endedLatE7: number | null;
  readonly endedLngE7: number | null;
  readonly endedAccuracyM: number | null;
  readonly endedPlace: Buffer | null;
  /** The mark that ended it. */
  readonly endedBy: string | null;
  readonly note: string | null;
}

interface Places {
  readonly startedPlace: CheckIn['startedPlace'];
  readonly endedPlace: CheckIn['endedPlace'];
}

export const toContract = (row: CheckInRow, userName: string, { startedPlace, endedPlace }: Places): CheckIn => ({
  id: row.id,
  branchId: row.branchId,
  userId: row.userId,
  userName,
  startedAt: row.startedAt.toISOString(),
  startedPlace,
  endedAt: row.endedAt?.toISOString() ?? null,
  endedPlace,
  note: row.note,
});

/** The plain place of a row from before places were sealed. */
export const plainPlace = (
  latE7: number | null,
  lngE7: number | null,
  accuracy: number | null,
): CheckIn['startedPlace'] =>
  latE7 === null || lngE7 === null
    ? null
    : { lat: latE7 / 1e7, lng: lngE7 / 1e7, ...(accuracy !== null && { accuracy }) };
