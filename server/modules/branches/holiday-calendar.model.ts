import type { HolidayCalendar } from '@loro/contracts/branches-holidays';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'holiday_calendars', underscored: true, timestamps: false })
export class HolidayCalendarModel extends Model<
  InferAttributes<HolidayCalendarModel>,
  InferCreationAttributes<HolidayCalendarModel>
> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.STRING(120)) declare name: string;
  @Column(DataType.CHAR(2)) declare country: string | null;
  @Column(DataType.STRING(20)) declare region: string | null;
  @Column(DataType.INTEGER) declare version: number;

  toContract(): HolidayCalendar {
    const { id, name, country, region, version } = this;
    return { id, name, country, region: region ?? null, version };
  }
}
