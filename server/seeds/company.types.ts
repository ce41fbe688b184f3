import type { Branch, Circle } from '@loro/contracts/branches';
import type { Organisation, User } from '@loro/contracts/people';
import type { Coordinates } from './geo';
import type { DemoRole } from './roster';

export type DemoOrganisation = Omit<Organisation, 'version' | 'roundingMode' | 'ownerId' | 'closedAt'>;
export type DemoBranch = Pick<Branch, 'id' | 'parentId' | 'path' | 'code' | 'name' | 'kind' | 'status' | 'timezone'> & {
  readonly fence: Circle;
};

export type DemoPerson = Pick<User, 'id' | 'email' | 'name' | 'status' | 'kind'> & {
  readonly homeBranchId: string;
  readonly jobTitle: string;
  readonly employeeNo: string;
  readonly role: DemoRole;
  /** The home branch itself: movement happens around it. */
  readonly branch: DemoBranch;
  /** The phone that this person reports with. */
  readonly deviceId: string;
  /** `office` people leave the branch for lunch and the odd visit; the others spend the day on the road or on foot. */
  readonly travels: 'office' | 'car' | 'foot';
};

export interface DemoClient extends Coordinates {
  readonly id: string;
  readonly name: string;
  readonly branchId: string;
}

/** A person that the sign-in page of the demo offers. */
export interface FrontSignIn {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly role: DemoRole;
  /** What this person sees, in a line. */
  readonly about: string;
}

export interface DemoCompany {
  readonly seed: string;
  readonly organisation: DemoOrganisation;
  /** Parents before children. */
  readonly branches: readonly DemoBranch[];
  readonly people: readonly DemoPerson[];
  readonly clients: readonly DemoClient[];
  readonly front: readonly FrontSignIn[];
}
