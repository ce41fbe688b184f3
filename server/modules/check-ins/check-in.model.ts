import type { CheckIn } from '@loro/contracts/check-ins';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

type Place = CheckIn['startedPlace'];

@Table({ tableName: 'check_ins', underscored: true, timestamps: false })
export class CheckInModel extends Model<InferAttributes<CheckInModel>, InferCreationAttributes<CheckInModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.CHAR(26)) declare branchId: string;
  @Column(DataType.CHAR(26)) declare userId: string;
  @Column(DataType.DATE(3)) declare startedAt: Date;
  @Column({ type: DataType.INTEGER, field: 'started_lat_e7' }) declare startedLatE7: number;
  @Column({ type: DataType.INTEGER, field: 'started_lng_e7' }) declare startedLngE7: number;
  @Column({ type: DataType.FLOAT, field: 'started_accuracy_m' }) declare startedAccuracyM: number | null;
  @Column(DataType.DATE(3)) declare endedAt: Date | null;
  @Column({ type: DataType.INTEGER, field: 'ended_lat_e7' }) declare endedLatE7: number | null;
  @Column({ type: DataType.INTEGER, field: 'ended_lng_e7' }) declare endedLngE7: number | null;
  @Column({ type: DataType.FLOAT, field: 'ended_accuracy_m' }) declare endedAccuracyM: number | null;
  @Column(DataType.STRING(500)) declare note: string | null;
  /** The person while the check-in is open, null once it ended: its unique key allows one open check-in a person. */
  @Column(DataType.CHAR(26)) declare openFor: string | null;
}

/** A check-in as its columns, whichever way it was read. */
export type CheckInRow = Omit<InferAttributes<CheckInModel>, 'orgId' | 'openFor'>;

export function toContract(row: CheckInRow, userName: string): CheckIn {
  const { id, branchId, userId, startedAt, endedAt, endedLatE7, endedLngE7, note } = row;
  return {
    id,
    branchId,
    userId,
    userName,
    startedAt: startedAt.toISOString(),
    startedPlace: place(row.startedLatE7, row.startedLngE7, row.startedAccuracyM),
    endedAt: endedAt?.toISOString() ?? null,
    endedPlace: endedLatE7 === null || endedLngE7 === null ? null : place(endedLatE7, endedLngE7, row.endedAccuracyM),
    note,
  };
}

const place = (latE7: number, lngE7: number, accuracy: number | null): Place => ({
  lat: latE7 / 1e7,
  lng: lngE7 / 1e7,
  ...(accuracy !== null && { accuracy }),
});

export const startColumns = ({ lat, lng, accuracy }: Place) => ({
  startedLatE7: Math.round(lat * 1e7),
  startedLngE7: Math.round(lng * 1e7),
  startedAccuracyM: accuracy ?? null,
});

export const endColumns = ({ lat, lng, accuracy }: Place) => ({
  endedLatE7: Math.round(lat * 1e7),
  endedLngE7: Math.round(lng * 1e7),
  endedAccuracyM: accuracy ?? null,
});
