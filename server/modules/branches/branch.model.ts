import { type Branch, Outline } from '@loro/contracts/branches';
import { Address } from '@loro/contracts/branches-values';
import type { CreationOptional, InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';
import { isOutline } from './fences.policy';

type Maybe<T> = CreationOptional<T | null>;

@Table({ tableName: 'branches', underscored: true, timestamps: false })
export class BranchModel extends Model<InferAttributes<BranchModel>, InferCreationAttributes<BranchModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.CHAR(26)) declare parentId: string | null;
  @Column(DataType.STRING(255)) declare path: string;
  @Column(DataType.STRING(32)) declare code: string;
  @Column(DataType.STRING(120)) declare name: string;
  @Column(DataType.STRING) declare kind: Branch['kind'];
  @Column(DataType.STRING) declare status: Branch['status'];
  @Column(DataType.STRING(64)) declare timezone: string;
  @Column(DataType.STRING(64)) declare nextTimezone: Maybe<string>;
  @Column(DataType.DATEONLY) declare nextTimezoneFrom: Maybe<string>;
  /** When the next zone begins to count; the row may say so a little later. */
  @Column(DataType.DATE(3)) declare nextTimezoneAt: Maybe<Date>;
  @Column({ type: DataType.INTEGER, field: 'lat_e7' }) declare latE7: Maybe<number>;
  @Column({ type: DataType.INTEGER, field: 'lng_e7' }) declare lngE7: Maybe<number>;
  @Column({ type: DataType.INTEGER, field: 'fence_lat_e7' }) declare fenceLatE7: number | null;
  @Column({ type: DataType.INTEGER, field: 'fence_lng_e7' }) declare fenceLngE7: number | null;
  @Column({ type: DataType.INTEGER, field: 'fence_radius_m' }) declare fenceRadiusM: number | null;
  /** Latitude and longitude in turn, degrees × 10⁷, as JSON. */
  @Column(DataType.TEXT('medium')) declare fenceCorners: Maybe<string>;
  @Column(DataType.TEXT) declare address: Maybe<string>;
  @Column(DataType.CHAR(2)) declare country: Maybe<string>;
  @Column(DataType.STRING(40)) declare phone: Maybe<string>;
  @Column(DataType.STRING(254)) declare email: Maybe<string>;
  @Column(DataType.CHAR(26)) declare managerId: Maybe<string>;
  @Column(DataType.INTEGER) declare capacityHeads: Maybe<number>;
  @Column(DataType.INTEGER) declare capacityFteCenti: Maybe<number>;
  @Column(DataType.CHAR(26)) declare holidayCalendarId: Maybe<string>;
  @Column(DataType.BOOLEAN) declare closedOnHolidays: CreationOptional<boolean>;
  @Column(DataType.DATEONLY) declare openedOn: Maybe<string>;
  @Column(DataType.DATEONLY) declare closedOn: Maybe<string>;
  @Column(DataType.INTEGER) declare version: number;

  get fence(): Branch['fence'] {
    if (this.fenceCorners) return { corners: cornersOf(this.fenceCorners) };
    if (this.fenceLatE7 === null || this.fenceLngE7 === null || this.fenceRadiusM === null) return null;
    return { center: { lat: this.fenceLatE7 / 1e7, lng: this.fenceLngE7 / 1e7 }, radiusM: this.fenceRadiusM };
  }

  get position(): Branch['position'] {
    const { latE7, lngE7 } = this;
    // A row that was written by hand may have its fence alone.
    if (latE7 === null || latE7 === undefined || lngE7 === null || lngE7 === undefined) {
      const { fence } = this;
      return fence && !isOutline(fence) ? fence.center : null;
    }
    return { lat: latE7 / 1e7, lng: lngE7 / 1e7 };
  }

  /** The zone that counts at an instant; of the past, its history knows more. */
  zoneAt(now: Date): string {
    return this.nextTimezone && this.nextTimezoneAt && this.nextTimezoneAt <= now ? this.nextTimezone : this.timezone;
  }

  toContract(now: Date): Branch {
    const { id, parentId, path, code, name, kind, status, position, fence, version } = this;
    const isWaiting = this.nextTimezoneAt && this.nextTimezoneAt > now;
    return {
      id,
      parentId,
      path,
      code,
      name,
      kind,
      status,
      timezone: this.zoneAt(now),
      nextTimezone:
        isWaiting && this.nextTimezone && this.nextTimezoneFrom
          ? { timezone: this.nextTimezone, from: this.nextTimezoneFrom }
          : null,
      position,
      fence,
      address: this.address ? Address.parse(JSON.parse(this.address)) : null,
      country: this.country ?? null,
      phone: this.phone ?? null,
      email: this.email ?? null,
      managerId: this.managerId ?? null,
      capacityHeads: this.capacityHeads ?? null,
      capacityFte: typeof this.capacityFteCenti === 'number' ? this.capacityFteCenti / 100 : null,
      holidayCalendarId: this.holidayCalendarId ?? null,
      openedOn: this.openedOn ?? null,
      closedOn: this.closedOn ?? null,
      version,
    };
  }
}

export function cornersOf(text: string): Outline['corners'] {
  const flat: unknown = JSON.parse(text);
  if (!Array.isArray(flat)) throw new Error('an outline was stored otherwise');
  const corners = Array.from({ length: flat.length / 2 }, (_, at) => ({
    lat: Number(flat[2 * at]) / 1e7,
    lng: Number(flat[2 * at + 1]) / 1e7,
  }));
  return Outline.parse({ corners }).corners;
}

export const e7 = (degrees: number): number => Math.round(degrees * 1e7);

export function fenceColumns(fence: Branch['fence']) {
  const circle = fence && !isOutline(fence) ? fence : null;
  const corners = fence && isOutline(fence) ? fence.corners : null;
  return {
    fenceLatE7: circle ? e7(circle.center.lat) : null,
    fenceLngE7: circle ? e7(circle.center.lng) : null,
    fenceRadiusM: circle ? Math.round(circle.radiusM) : null,
    fenceCorners: corners ? JSON.stringify(corners.flatMap(({ lat, lng }) => [e7(lat), e7(lng)])) : null,
  };
}

export const placeColumns = (position: Branch['position']) => ({
  latE7: position ? e7(position.lat) : null,
  lngE7: position ? e7(position.lng) : null,
});
