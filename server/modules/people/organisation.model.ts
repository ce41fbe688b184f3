import type { Organisation } from '@loro/contracts/people';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'organisations', underscored: true, timestamps: false })
export class OrganisationModel extends Model<
  InferAttributes<OrganisationModel>,
  InferCreationAttributes<OrganisationModel>
> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.STRING(120)) declare name: string;
  @Column(DataType.STRING(80)) declare slug: string;
  @Column(DataType.STRING) declare status: Organisation['status'];
  @Column(DataType.STRING(64)) declare timezone: string;
  @Column(DataType.STRING(35)) declare locale: string;
  @Column(DataType.CHAR(3)) declare currency: string;
  @Column(DataType.CHAR(2)) declare country: string;
  @Column(DataType.STRING) declare roundingMode: Organisation['roundingMode'];
  /** Null only while the organisation is being founded. */
  @Column(DataType.CHAR(26)) declare ownerId: string | null;
  @Column(DataType.DATE(3)) declare createdAt: Date;
  @Column(DataType.DATE(3)) declare closedAt: Date | null;
  /** What it was before it was closed, for undoing that. */
  @Column(DataType.STRING) declare closedFrom: Exclude<Organisation['status'], 'closed'> | null;
  @Column(DataType.INTEGER) declare version: number;

  toContract(): Organisation {
    const { id, name, slug, status, timezone, locale, currency, country, roundingMode, ownerId, version } = this;
    return {
      id,
      name,
      slug,
      status,
      timezone,
      locale,
      currency,
      country,
      roundingMode,
      ownerId,
      createdAt: this.createdAt.toISOString(),
      closedAt: this.closedAt?.toISOString() ?? null,
      version,
    };
  }
}
