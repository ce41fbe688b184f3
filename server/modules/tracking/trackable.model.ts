import { Resolution, type Trackable, type TrackableDetails } from '@loro/contracts/tracking-trackables';
import type { CreationOptional, InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'trackables', underscored: true, timestamps: false })
export class TrackableModel extends Model<InferAttributes<TrackableModel>, InferCreationAttributes<TrackableModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  /** Stands for the trackable in packed fixes; the same on every node. */
  @Column(DataType.INTEGER) declare liveKey: number;
  @Column(DataType.STRING) declare kind: Trackable['kind'];
  /** What is tracked: the id of the user, vehicle, asset or device. */
  @Column(DataType.CHAR(26)) declare refId: string;
  @Column(DataType.STRING(120)) declare name: string;
  @Column(DataType.CHAR(26)) declare branchId: string;
  @Column(DataType.CHAR(26)) declare userId: string | null;
  @Column(DataType.DATE(3)) declare lostAt: Date | null;
  @Column(DataType.DATE(3)) declare createdAt: Date;
  @Column(DataType.STRING) declare mode: CreationOptional<TrackableDetails['mode']>;
  @Column(DataType.STRING(200)) declare resolution: CreationOptional<string | null>;
  @Column(DataType.SMALLINT) declare speedLimitKmh: CreationOptional<number | null>;
  @Column(DataType.CHAR(26)) declare driverId: CreationOptional<string | null>;
  @Column(DataType.DATE(3)) declare pausedUntil: CreationOptional<Date | null>;
  /** It is not tracked any more; what was recorded stays as long as anything does. */
  @Column(DataType.DATE(3)) declare endedAt: CreationOptional<Date | null>;
  @Column(DataType.INTEGER) declare version: CreationOptional<number>;

  toContract(): Trackable {
    const { id, liveKey: key, kind, name, branchId, userId, lostAt } = this;
    return { id, key, kind, name, branchId, userId, lostAt: lostAt?.toISOString() ?? null };
  }

  get resolutionOf(): TrackableDetails['resolution'] {
    return this.resolution ? Resolution.parse(JSON.parse(this.resolution)) : null;
  }

  toDetails(now: Date): TrackableDetails {
    const { mode, speedLimitKmh, driverId, pausedUntil, version } = this;
    return {
      ...this.toContract(),
      mode,
      resolution: this.resolutionOf,
      speedLimitKmh,
      driverId,
      pausedUntil: pausedUntil && pausedUntil > now ? pausedUntil.toISOString() : null,
      version,
    };
  }
}
