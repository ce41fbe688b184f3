import type { ReportRun } from '@loro/contracts/reports';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

/** How far the person who asked could see, kept so that the worker sees no further. */
export interface RunReach {
  readonly scope: string;
  readonly branchIds: string[];
}

@Table({ tableName: 'report_runs', underscored: true, timestamps: false })
export class ReportRunModel extends Model<InferAttributes<ReportRunModel>, InferCreationAttributes<ReportRunModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.STRING(80)) declare kind: ReportRun['kind'];
  /** JSON as text: MariaDB keeps JSON columns as text, MySQL does not. */
  @Column(DataType.TEXT) declare params: string;
  @Column(DataType.STRING) declare status: ReportRun['status'];
  @Column(DataType.CHAR(26)) declare requestedBy: string;
  @Column(DataType.TEXT) declare reach: string;
  @Column(DataType.DATE(3)) declare requestedAt: Date;
  @Column(DataType.DATE(3)) declare startedAt: Date | null;
  @Column(DataType.DATE(3)) declare finishedAt: Date | null;
  @Column(DataType.STRING(500)) declare failure: string | null;
  @Column(DataType.TEXT('medium')) declare result: string | null;
  /** 1 to 10 while the run waits or runs. */
  @Column(DataType.TINYINT) declare place: number | null;

  /** `rows` false leaves the result out, as lists and large events do. */
  toContract({ rows }: { rows: boolean }): ReportRun {
    const { id, kind, status, requestedBy, failure } = this;
    return {
      id,
      kind,
      // Written by this class from the very types it is read back as.
      params: JSON.parse(this.params) as ReportRun['params'],
      status,
      requestedBy,
      requestedAt: this.requestedAt.toISOString(),
      startedAt: this.startedAt?.toISOString() ?? null,
      finishedAt: this.finishedAt?.toISOString() ?? null,
      failure,
      result: rows && this.result ? (JSON.parse(this.result) as ReportRun['result']) : null,
    };
  }

  savedReach(): RunReach {
    return JSON.parse(this.reach) as RunReach;
  }
}
