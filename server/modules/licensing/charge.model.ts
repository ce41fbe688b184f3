import type { Charge } from '@loro/contracts/licensing-billing';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'license_charges', underscored: true, timestamps: false })
export class ChargeModel extends Model<InferAttributes<ChargeModel>, InferCreationAttributes<ChargeModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.CHAR(26)) declare licenseId: string;
  @Column(DataType.STRING) declare purpose: Charge['purpose'];
  @Column(DataType.CHAR(26)) declare planVersionId: string;
  @Column(DataType.BIGINT) declare priceMinor: number;
  @Column(DataType.CHAR(3)) declare currency: string;
  @Column(DataType.STRING) declare state: Charge['state'];
  /** The licence, while it is not settled: one at a time. */
  @Column(DataType.CHAR(26)) declare openFor: string | null;
  @Column(DataType.INTEGER) declare attempt: number | null;
  @Column(DataType.DATE(3)) declare termEnd: Date | null;
  @Column(DataType.STRING(200)) declare failure: string | null;
  @Column(DataType.STRING(120)) declare reference: string | null;
  @Column(DataType.DATE(3)) declare createdAt: Date;
  @Column(DataType.DATE(3)) declare settledAt: Date | null;
  @Column(DataType.DATE(3)) declare nextAt: Date | null;

  toContract(plan: string): Charge {
    return {
      id: this.id,
      purpose: this.purpose,
      plan,
      price: { amount: this.priceMinor, currency: this.currency },
      state: this.state,
      attempt: this.attempt,
      termEnd: this.termEnd?.toISOString() ?? null,
      failure: this.failure,
      reference: this.reference,
      createdAt: this.createdAt.toISOString(),
      settledAt: this.settledAt?.toISOString() ?? null,
      nextAt: this.nextAt?.toISOString() ?? null,
    };
  }
}
