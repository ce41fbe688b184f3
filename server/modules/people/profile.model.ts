import type { Profile } from '@loro/contracts/people-values';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'profiles', underscored: true, timestamps: false })
export class ProfileModel extends Model<InferAttributes<ProfileModel>, InferCreationAttributes<ProfileModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare userId: string;
  @Column(DataType.TEXT) declare address: string | null;
  @Column(DataType.DATEONLY) declare birthday: string | null;
  @Column(DataType.TEXT) declare emergencyContact: string | null;
  @Column(DataType.TEXT) declare skills: string;
  @Column(DataType.TEXT) declare customFields: string;

  toContract(): Profile {
    const { address, birthday, emergencyContact, skills, customFields } = this;
    return {
      address: address === null ? null : JSON.parse(address),
      birthday,
      emergencyContact: emergencyContact === null ? null : JSON.parse(emergencyContact),
      skills: JSON.parse(skills),
      customFields: JSON.parse(customFields),
    };
  }
}

export const emptyProfile: Profile = {
  address: null,
  birthday: null,
  emergencyContact: null,
  skills: [],
  customFields: {},
};

export const profileColumns = ({ address, birthday, emergencyContact, skills, customFields }: Profile) => ({
  address: address === null ? null : JSON.stringify(address),
  birthday,
  emergencyContact: emergencyContact === null ? null : JSON.stringify(emergencyContact),
  skills: JSON.stringify(skills),
  customFields: JSON.stringify(customFields),
});
