import type { DailyDistanceRow, ReportResult, ReportRun } from '@loro/contracts/reports';
import { type Hub, localDates, nextDate, Odometer, startOfDay } from '../../platform';
import type { RunReach } from './report-run.model';

interface Person {
  trackableId: string;
  name: string;
}

interface Row {
  at: Date;
  recording: string;
  latE7: number;
  lngE7: number;
  accuracy: number;
}

interface Day {
  readonly odometers: Map<string, Odometer>;
  fixes: number;
  first: number;
  last: number;
}

export interface ReportInput {
  readonly orgId: string;
  readonly requestedBy: string;
  readonly timeZone: string;
  readonly params: ReportRun['params'];
  readonly reach: RunReach;
}

/** Metres and minutes of each person and local day, from the stored fixes; the same whenever it is run. */
export async function dailyDistance(
  hub: Hub,
  { orgId, requestedBy, timeZone, params, reach }: ReportInput,
  onProgress: (percent: number, stage: string) => void,
): Promise<ReportResult> {
  const people = await hub.select<Person>(
    `SELECT trackable_id AS trackableId, name FROM report_trackables WHERE org_id = :orgId
     ${params.branchId === undefined ? '' : 'AND branch_id = :branchId'}
     ${reach.scope === 'org' ? '' : 'AND (user_id = :requestedBy OR branch_id IN (:branchIds))'} ORDER BY name, trackable_id`,
    {
      orgId,
      branchId: params.branchId,
      requestedBy,
      branchIds: reach.branchIds.length > 0 ? reach.branchIds : [''],
    },
  );
  const rows: DailyDistanceRow[] = [];
  for (const [index, person] of people.entries()) {
    rows.push(...(await daysOf(hub, orgId, person, timeZone, params)));
    onProgress(Math.floor(((index + 1) / people.length) * 100), person.name);
  }
  return {
    columns: [
      { key: 'name', title: 'Person', unit: null },
      { key: 'date', title: 'Day', unit: null },
      { key: 'metres', title: 'Distance', unit: 'm' },
      { key: 'movingMinutes', title: 'Moving', unit: 'min' },
      { key: 'trackedMinutes', title: 'On record', unit: 'min' },
      { key: 'fixes', title: 'Fixes', unit: null },
    ],
    rows,
    totals: {
      metres: rows.reduce((sum, row) => sum + row.metres, 0),
      movingMinutes: rows.reduce((sum, row) => sum + row.movingMinutes, 0),
      people: new Set(rows.map((row) => row.trackableId)).size,
    },
  };
}

async function daysOf(
  hub: Hub,
  orgId: string,
  { trackableId, name }: Person,
  timeZone: string,
  { from, to }: ReportInput['params'],
): Promise<DailyDistanceRow[]> {
  const dateOf = localDates(timeZone);
  const days = new Map<string, Day>();
  // A day at a time keeps memory bounded, whatever the range.
  for (let date = from; date <= to; date = nextDate(date)) {
    const fixes = await hub.select<Row>(
      `SELECT at, CONCAT(device_id, boot, segment) AS recording, lat_e7 AS latE7, lng_e7 AS lngE7, accuracy_m AS accuracy
       FROM report_fixes WHERE org_id = :orgId AND trackable_id = :trackableId AND at >= :start AND at < :end
       ORDER BY at, device_id, boot, n`,
      { orgId, trackableId, start: startOfDay(date, timeZone), end: startOfDay(nextDate(date), timeZone) },
    );
    for (const fix of fixes) count(days, dateOf(fix.at), fix);
  }
  return [...days].map(([date, { odometers, fixes, first, last }]) => {
    const all = [...odometers.values()];
    return {
      trackableId,
      name,
      date,
      metres: Math.round(all.reduce((sum, { metres }) => sum + metres, 0)),
      movingMinutes: Math.round(all.reduce((sum, { movingMs }) => sum + movingMs, 0) / 60_000),
      trackedMinutes: Math.round((last - first) / 60_000),
      fixes,
    };
  });
}

function count(days: Map<string, Day>, date: string, { at, recording, latE7, lngE7, accuracy }: Row): void {
  const ms = at.getTime();
  let day = days.get(date);
  if (!day) days.set(date, (day = { odometers: new Map(), fixes: 0, first: ms, last: ms }));
  let odometer = day.odometers.get(recording);
  // Each recording has an odometer of its own: two phones of one person do not leap between each other.
  if (!odometer) day.odometers.set(recording, (odometer = new Odometer()));
  odometer.add({ at: ms, lat: latE7 / 1e7, lng: lngE7 / 1e7, accuracy });
  day.fixes += 1;
  day.last = ms;
}
