import { ActiveInterval, type Geofence, type GeofenceShape } from '@loro/contracts/branches-geofences';
import type { Fence } from '@loro/contracts/branches';
import type { InferAttributes, InferCreationAttributes, CreationOptional } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';
import { z } from 'zod';
import { cornersOf, e7 } from './branch.model';
import { shapeOf } from './fences.policy';
import { ActiveHours } from './geofence-hours.policy';
import { usualBufferM, type WatchedFence } from './geofence-index';

const Hours = z.array(ActiveInterval);
const MINUTE_MS = 60_000;

@Table({ tableName: 'geofences', underscored: true, timestamps: false })
export class GeofenceModel extends Model<InferAttributes<GeofenceModel>, InferCreationAttributes<GeofenceModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.STRING(120)) declare name: string;
  @Column(DataType.CHAR(26)) declare branchId: string | null;
  @Column(DataType.CHAR(26)) declare clientId: string | null;
  @Column({ type: DataType.INTEGER, field: 'lat_e7' }) declare latE7: number | null;
  @Column({ type: DataType.INTEGER, field: 'lng_e7' }) declare lngE7: number | null;
  @Column({ type: DataType.DOUBLE, field: 'radius_m' }) declare radiusM: number | null;
  /** Latitude and longitude in turn, degrees × 10⁷, as JSON. */
  @Column(DataType.TEXT) declare corners: string | null;
  @Column({ type: DataType.DOUBLE, field: 'buffer_m' }) declare bufferM: number | null;
  @Column({ type: DataType.DOUBLE, field: 'acc_max_m' }) declare accMaxM: number;
  /** As JSON. */
  @Column(DataType.TEXT) declare activeHours: string | null;
  @Column(DataType.STRING(64)) declare timezone: string;
  @Column(DataType.SMALLINT) declare speedLimitKmh: number | null;
  @Column(DataType.SMALLINT) declare dwellMinutes: number | null;
  /** Visits of the past still name it. */
  @Column(DataType.DATE(3)) declare removedAt: CreationOptional<Date | null>;
  @Column(DataType.INTEGER) declare version: number;

  drawn(): GeofenceShape {
    const { latE7, lngE7, radiusM, corners } = this;
    if (corners !== null) return { kind: 'polygon', corners: cornersOf(corners) };
    return { kind: 'circle', center: { lat: Number(latE7) / 1e7, lng: Number(lngE7) / 1e7 }, radiusM: Number(radiusM) };
  }

  toContract(): Geofence {
    const { id, name, branchId, clientId, bufferM, accMaxM, timezone, version } = this;
    const { speedLimitKmh, dwellMinutes } = this;
    const activeHours = this.hours;
    return {
      id,
      name,
      branchId,
      clientId,
      shape: this.drawn(),
      bufferM,
      accMaxM,
      activeHours,
      timezone,
      speedLimitKmh,
      dwellMinutes,
      version,
    };
  }

  toWatched(): WatchedFence {
    const { id, name, branchId, clientId, accMaxM, speedLimitKmh, dwellMinutes, hours } = this;
    const shape = shapeOf(fenceOf(this.drawn()));
    return {
      ...shape,
      id,
      isBranch: false,
      branchId,
      clientId,
      name,
      bufferM: this.bufferM ?? usualBufferM(shape.radiusM),
      accMaxM,
      hours: hours && new ActiveHours(hours, this.timezone),
      speedLimitKmh,
      dwellMs: dwellMinutes === null ? null : dwellMinutes * MINUTE_MS,
    };
  }

  private get hours(): ActiveInterval[] | null {
    return this.activeHours === null ? null : Hours.parse(JSON.parse(this.activeHours));
  }
}

/** A shape as branches say theirs. */
export const fenceOf = (shape: GeofenceShape): Fence =>
  shape.kind === 'circle' ? { center: shape.center, radiusM: shape.radiusM } : { corners: shape.corners };

export const shapeColumns = (shape: GeofenceShape) => ({
  latE7: shape.kind === 'circle' ? e7(shape.center.lat) : null,
  lngE7: shape.kind === 'circle' ? e7(shape.center.lng) : null,
  radiusM: shape.kind === 'circle' ? shape.radiusM : null,
  corners:
    shape.kind === 'polygon' ? JSON.stringify(shape.corners.flatMap(({ lat, lng }) => [e7(lat), e7(lng)])) : null,
});
