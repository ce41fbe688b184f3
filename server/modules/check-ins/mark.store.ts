import type {
  CheckInKind,
  CheckInRecord,
  CheckInState,
  CheckInTold,
  CheckInType,
  PlaceDecision,
  ReviewReason,
  Signal,
  TimeSource,
} from '@loro/contracts/check-ins-values';
import { type Hub, NotFound } from '../../platform';

export type PlaceState = 'none' | 'exact' | 'coarse' | 'redacted';

/** One in, out or visit, as its columns. */
export interface Mark {
  readonly orgId: string;
  readonly id: string;
  readonly clientId: string;
  readonly userId: string;
  readonly branchId: string;
  readonly type: CheckInType;
  readonly kind: CheckInKind;
  readonly pairId: string | null;
  readonly targetType: NonNullable<CheckInRecord['target']>['type'] | null;
  readonly targetId: string | null;
  readonly category: string | null;
  readonly suggestedCategory: string | null;
  readonly note: string | null;
  readonly outcome: string | null;
  readonly occurredAt: Date;
  readonly tz: string;
  readonly localDate: string;
  readonly timeSource: TimeSource;
  readonly claimedAt: Date | null;
  readonly skewMs: number | null;
  readonly uncertaintyMs: number;
  readonly receivedAt: Date;
  readonly place: Buffer | null;
  readonly placeState: PlaceState;
  readonly h3r7: string | null;
  readonly h3r9: string | null;
  readonly accuracyM: number | null;
  readonly fixAgeMs: number | null;
  readonly fenceId: string | null;
  readonly signedDistanceM: number | null;
  readonly insideP: number | null;
  readonly decision: PlaceDecision;
  readonly spoofScore: number;
  readonly signals: readonly Signal[];
  readonly reasons: readonly ReviewReason[];
  readonly status: CheckInState;
  readonly pays: boolean;
  readonly ruleAfter: 'accept' | 'reject';
  readonly reviewReason: string | null;
  readonly reviewerId: string | null;
  readonly reviewedAt: Date | null;
  readonly supersededBy: string | null;
  readonly photo: CheckInRecord['photo'];
  readonly deviceId: string | null;
  readonly network: 'online' | 'offline';
  readonly appVersion: string | null;
  readonly batteryPct: number | null;
  readonly fingerprint: string;
}

const columns: Readonly<Record<keyof Mark, string>> = {
  orgId: 'org_id',
  id: 'id',
  clientId: 'client_id',
  userId: 'user_id',
  branchId: 'branch_id',
  type: 'type',
  kind: 'kind',
  pairId: 'pair_id',
  targetType: 'target_type',
  targetId: 'target_id',
  category: 'category',
  suggestedCategory: 'suggested_category',
  note: 'note',
  outcome: 'outcome',
  occurredAt: 'occurred_at',
  tz: 'tz',
  localDate: 'local_date',
  timeSource: 'time_source',
  claimedAt: 'claimed_at',
  skewMs: 'skew_ms',
  uncertaintyMs: 'uncertainty_ms',
  receivedAt: 'received_at',
  place: 'place',
  placeState: 'place_state',
  h3r7: 'h3r7',
  h3r9: 'h3r9',
  accuracyM: 'accuracy_m',
  fixAgeMs: 'fix_age_ms',
  fenceId: 'fence_id',
  signedDistanceM: 'signed_distance_m',
  insideP: 'inside_p',
  decision: 'decision',
  spoofScore: 'spoof_score',
  signals: 'signals',
  reasons: 'reasons',
  status: 'status',
  pays: 'pays',
  ruleAfter: 'rule_after',
  reviewReason: 'review_reason',
  reviewerId: 'reviewer_id',
  reviewedAt: 'reviewed_at',
  supersededBy: 'superseded_by',
  photo: 'photo',
  deviceId: 'device_id',
  network: 'network',
  appVersion: 'app_version',
  batteryPct: 'battery_pct',
  fingerprint: 'fingerprint',
};

const nameOf = (field: string): string => String(Reflect.get(columns, field));
const SELECTED = Object.entries(columns)
  .map(([field, column]) =>
    field === 'localDate' ? `DATE_FORMAT(m.local_date, '%Y-%m-%d') AS localDate` : `m.${column} AS ${field}`,
  )
  .join(', ');

type Value = string | number | boolean | Date | Buffer | null;
const toColumn = (value: unknown): unknown => (Array.isArray(value) ? JSON.stringify(value) : value);

type Raw = Omit<Mark, 'signals' | 'reasons' | 'insideP' | 'pays' | 'skewMs' | 'uncertaintyMs'> & {
  readonly signals: string;
  readonly reasons: string;
  readonly insideP: string | null;
  readonly pays: number;
  readonly skewMs: string | number | null;
  readonly uncertaintyMs: string | number;
};

const toMark = (raw: Raw): Mark => ({
  ...raw,
  signals: JSON.parse(raw.signals),
  reasons: JSON.parse(raw.reasons),
  insideP: raw.insideP === null ? null : Number(raw.insideP),
  pays: Boolean(raw.pays),
  skewMs: raw.skewMs === null ? null : Number(raw.skewMs),
  uncertaintyMs: Number(raw.uncertaintyMs),
});

/** Every in, out and visit. */
export class MarkStore {
  constructor(private readonly hub: Hub) {}

  async insert(mark: Mark): Promise<void> {
    const fields = Object.keys(columns);
    await this.hub.sequelize.query(
      `INSERT INTO check_in_marks (${fields.map(nameOf).join(', ')}) VALUES (${fields.map((field) => `:${field}`).join(', ')})`,
      { replacements: Object.fromEntries(fields.map((field) => [field, toColumn(Reflect.get(mark, field))])) },
    );
  }

  async update(orgId: string, id: string, change: Partial<Mark>): Promise<void> {
    const fields = Object.keys(change);
    await this.hub.sequelize.query(
      `UPDATE check_in_marks SET ${fields.map((field) => `${nameOf(field)} = :${field}`).join(', ')} WHERE org_id = :ofOrg AND id = :ofId`,
      {
        replacements: {
          ...Object.fromEntries(fields.map((field) => [field, toColumn(Reflect.get(change, field))])),
          ofOrg: orgId,
          ofId: id,
        },
      },
    );
  }

  async find(orgId: string, id: string): Promise<Mark | null> {
    return this.one('m.org_id = :orgId AND m.id = :id', { orgId, id });
  }

  /** @throws NotFound */
  async lock(orgId: string, id: string): Promise<Mark> {
    const found = await this.one('m.org_id = :orgId AND m.id = :id', { orgId, id }, 'FOR UPDATE');
    if (!found) throw new NotFound('This check-in');
    return found;
  }

  byClient(orgId: string, userId: string, clientId: string): Promise<Mark | null> {
    return this.one('m.org_id = :orgId AND m.user_id = :userId AND m.client_id = :clientId', {
      orgId,
      userId,
      clientId,
    });
  }

  /** The one before a moment whose exact place is still known. */
  lastPlaced(orgId: string, userId: string, before: Date): Promise<Mark | null> {
    return this.one(
      `m.org_id = :orgId AND m.user_id = :userId AND m.occurred_at <= :before AND m.place IS NOT NULL
       AND m.status NOT IN ('rejected', 'voided')`,
      { orgId, userId, before },
      'ORDER BY m.occurred_at DESC, m.id DESC LIMIT 1',
    );
  }

  async all(where: string, values: Record<string, unknown>, rest = ''): Promise<Mark[]> {
    const rows = await this.hub.select<Raw>(`SELECT ${SELECTED} FROM check_in_marks m WHERE ${where} ${rest}`, values);
    return rows.map(toMark);
  }

  private async one(where: string, values: Record<string, Value>, rest = ''): Promise<Mark | null> {
    const [mark] = await this.all(where, values, rest);
    return mark ?? null;
  }
}

export const toRecord = (mark: Mark, userName: string): CheckInRecord => ({
  id: mark.id,
  clientId: mark.clientId,
  userId: mark.userId,
  userName,
  branchId: mark.branchId,
  type: mark.type,
  kind: mark.kind,
  pairId: mark.pairId,
  target: mark.targetType !== null && mark.targetId !== null ? { type: mark.targetType, id: mark.targetId } : null,
  category: mark.category,
  suggestedCategory: mark.suggestedCategory,
  note: mark.note,
  outcome: mark.outcome,
  occurredAt: mark.occurredAt.toISOString(),
  tz: mark.tz,
  localDate: mark.localDate,
  timeSource: mark.timeSource,
  uncertaintyMs: mark.uncertaintyMs,
  receivedAt: mark.receivedAt.toISOString(),
  network: mark.network,
  decision: mark.decision,
  insideP: mark.insideP,
  signedDistanceM: mark.signedDistanceM,
  spoofScore: mark.spoofScore,
  status: mark.status,
  reasons: [...mark.reasons],
  reviewReason: mark.reviewReason,
  photo: mark.photo,
});

export const toTold = (mark: Mark): CheckInTold => ({
  id: mark.id,
  userId: mark.userId,
  branchId: mark.branchId,
  type: mark.type,
  kind: mark.kind,
  occurredAt: mark.occurredAt.toISOString(),
  decision: mark.decision,
  status: mark.status,
  timeSource: mark.timeSource,
});
