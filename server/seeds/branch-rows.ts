import type { DemoCompany } from './company.types';

interface Rows {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: (string | number | null)[][];
}

const HIRED_ON = '2026-01-05';
const WORKING_DAYS = [1, 2, 3, 4, 5];
const e7 = (degrees: number): number => Math.round(degrees * 1e7);

/** Where the branches are, and when they are open. */
export function branchRows({ organisation, branches }: DemoCompany): Rows[] {
  const { id: orgId } = organisation;
  return [
    {
      table: 'branches',
      columns: [
        'org_id',
        'id',
        'parent_id',
        'path',
        'code',
        'name',
        'kind',
        'status',
        'timezone',
        'country',
        'lat_e7',
        'lng_e7',
        'fence_lat_e7',
        'fence_lng_e7',
        'fence_radius_m',
      ],
      rows: branches.map(({ id, parentId, path, code, name, kind, status, timezone, fence }) => {
        const place = [e7(fence.center.lat), e7(fence.center.lng)];
        const { country } = organisation;
        return [
          orgId,
          id,
          parentId,
          path,
          code,
          name,
          kind,
          status,
          timezone,
          country,
          ...place,
          ...place,
          fence.radiusM,
        ];
      }),
    },
    {
      table: 'branch_hours',
      columns: ['org_id', 'branch_id', 'kind', 'weekday', 'opens_at', 'closes_at'],
      rows: branches.flatMap(({ id }) =>
        WORKING_DAYS.map((weekday) => [orgId, id, 'public', weekday, '07:30', '17:30']),
      ),
    },
  ];
}

/** Everybody belongs to his branch, whole and first. */
export function membershipRows({ organisation, people }: DemoCompany): Rows {
  return {
    table: 'branch_memberships',
    columns: [
      'org_id',
      'id',
      'branch_id',
      'user_id',
      'fte_centi',
      'is_primary',
      'from_date',
      'state',
      'open_mark',
      'primary_mark',
    ],
    rows: people.map(({ id, homeBranchId }) => [
      organisation.id,
      id,
      homeBranchId,
      id,
      100,
      1,
      HIRED_ON,
      'current',
      1,
      1,
    ]),
  };
}
