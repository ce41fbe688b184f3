import type { Branch } from '@loro/contracts/branches';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

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
  @Column({ type: DataType.INTEGER, field: 'fence_lat_e7' }) declare fenceLatE7: number | null;
  @Column({ type: DataType.INTEGER, field: 'fence_lng_e7' }) declare fenceLngE7: number | null;
  @Column({ type: DataType.INTEGER, field: 'fence_radius_m' }) declare fenceRadiusM: number | null;
  @Column(DataType.INTEGER) declare version: number;

  get fence(): Branch['fence'] {
    if (this.fenceLatE7 === null || this.fenceLngE7 === null || this.fenceRadiusM === null) return null;
    return { center: { lat: this.fenceLatE7 / 1e7, lng: this.fenceLngE7 / 1e7 }, radiusM: this.fenceRadiusM };
  }

  toContract(): Branch {
    const { id, parentId, path, code, name, kind, status, timezone, fence, version } = this;
    return { id, parentId, path, code, name, kind, status, timezone, fence, version };
  }
}

export const fenceColumns = (fence: Branch['fence']) => ({
  fenceLatE7: fence ? Math.round(fence.center.lat * 1e7) : null,
  fenceLngE7: fence ? Math.round(fence.center.lng * 1e7) : null,
  fenceRadiusM: fence ? Math.round(fence.radiusM) : null,
});
