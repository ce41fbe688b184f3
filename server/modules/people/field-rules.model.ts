import type { FieldRules } from '@loro/contracts/people-values';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'field_rules', underscored: true, timestamps: false })
export class FieldRulesModel extends Model<InferAttributes<FieldRulesModel>, InferCreationAttributes<FieldRulesModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column(DataType.TEXT) declare rules: string;

  toContract(): FieldRules {
    return JSON.parse(this.rules);
  }
}
