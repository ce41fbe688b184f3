import type { Factor } from '@loro/contracts/auth-factors';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'factors', underscored: true, timestamps: false })
export class FactorModel extends Model<InferAttributes<FactorModel>, InferCreationAttributes<FactorModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.CHAR(26)) declare userId: string;
  @Column(DataType.STRING) declare kind: 'totp';
  @Column(DataType.STRING(120)) declare name: string;
  @Column(DataType.BLOB) declare secretCipher: Buffer;
  @Column(DataType.DATE(3)) declare createdAt: Date;
  @Column(DataType.DATE(3)) declare confirmedAt: Date | null;
  /** A code counts once: the next one must be of a later step. */
  @Column(DataType.BIGINT) declare lastUsedStep: number | null;

  toContract(): Factor {
    const { id, kind, name, confirmedAt, createdAt } = this;
    return { id, kind, name, confirmedAt: (confirmedAt ?? createdAt).toISOString() };
  }
}
