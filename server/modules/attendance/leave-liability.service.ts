import type { LeaveBalance } from '@loro/contracts/leave-values';
import {
  type Actor,
  allow,
  dateIn,
  exportFeed,
  type ExportFormat,
  type Feed,
  type Hub,
  NotFound,
} from '../../platform';
import { people } from '../people';
import type { LeaveBalancesService } from './leave-balances.service';

interface Asked {
  readonly to?: string | undefined;
  readonly asOf?: string | undefined;
  readonly branchId?: string | undefined;
  readonly format: ExportFormat;
}

const AT_ONCE = 200;
const COLUMNS = [
  { key: 'userName', label: 'Person', kind: 'text' },
  { key: 'employeeNo', label: 'Number', kind: 'text' },
  { key: 'branch', label: 'Branch', kind: 'text' },
  { key: 'typeName', label: 'Leave', kind: 'text' },
  { key: 'accrued', label: 'Accrued', kind: 'days' },
  { key: 'taken', label: 'Taken', kind: 'days' },
  { key: 'expired', label: 'Expired', kind: 'days' },
  { key: 'reserved', label: 'Asked for', kind: 'days' },
  { key: 'balance', label: 'Owed', kind: 'days' },
] as const;

/** Days that an organisation owes its people. */
export class LeaveLiabilityService {
  constructor(
    private readonly hub: Hub,
    private readonly balances: LeaveBalancesService,
  ) {}

  async report(actor: Actor, { to, asOf, branchId, format }: Asked): Promise<Feed> {
    const { orgId } = actor;
    allow(actor, 'leave.report');
    if (branchId !== undefined) {
      allow(actor, 'leave.report', { branchId, what: 'This branch' });
      if (!(await this.hub.ports.hasBranch(orgId, branchId))) throw new NotFound('This branch');
    }
    const { timezone } = await this.hub.use(people).organisationOf(orgId);
    const date = asOf ?? to ?? dateIn(this.hub.now(), timezone);
    const rows = this.rows(actor, branchId, date);
    return exportFeed(
      { format, title: `Leave owed on ${date}`, columns: COLUMNS, rows, timeZone: timezone },
      `leave-liability-${date}`,
    );
  }

  private async *rows(actor: Actor, branchId: string | undefined, date: string) {
    let cursor: string | undefined;
    do {
      const pairs = await this.balances.pairs(actor, { limit: AT_ONCE, branchId, cursor }, 'leave.report');
      const page = pairs.slice(0, AT_ONCE);
      const places = await this.places(
        actor.orgId,
        page.map(({ userId }) => userId),
      );
      for (const balance of await this.balances.reader.of(actor.orgId, page, date))
        yield lineOf(balance, places.get(balance.userId));
      const last = page.at(-1);
      cursor =
        pairs.length > AT_ONCE && last
          ? this.hub.cursors.encode('leave-balances', [last.userId, last.typeCode])
          : undefined;
    } while (cursor !== undefined);
  }

  private async places(orgId: string, userIds: readonly string[]): Promise<Map<string, Place>> {
    if (userIds.length === 0) return new Map();
    const rows = await this.hub.select<Place & { userId: string }>(
      `SELECT user_id AS userId, employee_no AS employeeNo, branch_name AS branch FROM leave_people
        WHERE org_id = :orgId AND user_id IN (:userIds)`,
      { orgId, userIds: [...new Set(userIds)] },
    );
    return new Map(rows.map((row) => [row.userId, row]));
  }
}

interface Place {
  readonly employeeNo: string | null;
  readonly branch: string | null;
}

const lineOf = ({ userName, typeName, accrued, taken, expired, reserved, balance }: LeaveBalance, place?: Place) => ({
  userName,
  typeName,
  accrued,
  taken,
  expired,
  reserved,
  balance,
  employeeNo: place?.employeeNo ?? null,
  branch: place?.branch ?? null,
});
