import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

/** An address on its way to an account; once there is one, it is gone. */
@Table({ tableName: 'sign_ups', underscored: true, timestamps: false })
export class SignUpModel extends Model<InferAttributes<SignUpModel>, InferCreationAttributes<SignUpModel>> {
  @Column({ type: DataType.STRING(254), primaryKey: true }) declare email: string;
  @Column(DataType.STRING) declare state: 'pending-email' | 'verified';
  @Column(DataType.DATE(3)) declare createdAt: Date;
  @Column(DataType.DATE(3)) declare verifiedAt: Date | null;
}
