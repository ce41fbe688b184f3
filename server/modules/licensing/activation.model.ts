import type { Activation } from '@loro/contracts/licensing-nodes';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';
import { activationState, HEARTBEAT_SECONDS } from './activations.policy';

@Table({ tableName: 'license_activations', underscored: true, timestamps: false })
export class ActivationModel extends Model<InferAttributes<ActivationModel>, InferCreationAttributes<ActivationModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.CHAR(26)) declare licenseId: string;
  @Column({ type: DataType.CHAR(64), field: 'fingerprint_sha256' }) declare fingerprint: string;
  @Column(DataType.STRING(120)) declare label: string;
  @Column(DataType.DATE(3)) declare firstSeenAt: Date;
  @Column(DataType.DATE(3)) declare lastBeatAt: Date;
  @Column(DataType.DATE(3)) declare deactivatedAt: Date | null;

  toContract(now: Date): Activation {
    const { id, label, firstSeenAt, lastBeatAt } = this;
    return {
      id,
      label,
      state: activationState(this, now),
      firstSeenAt: firstSeenAt.toISOString(),
      lastBeatAt: lastBeatAt.toISOString(),
      heartbeatSeconds: HEARTBEAT_SECONDS,
    };
  }
}
