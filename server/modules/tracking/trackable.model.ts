import type { Trackable } from '@loro/contracts/tracking';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
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

  toContract(): Trackable {
    const { id, liveKey: key, kind, name, branchId, userId, lostAt } = this;
    return { id, key, kind, name, branchId, userId, lostAt: lostAt?.toISOString() ?? null };
  }
}
