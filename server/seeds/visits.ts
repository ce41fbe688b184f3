import type { CheckIn } from '@loro/contracts/check-ins';
import { distanceM } from './geo';
import type { FixSample, PersonDay, Stay } from './movement';
import { type Random, randomFrom, stableId } from './random';

/** A check-in of the past, ready to be stored. */
export type DemoVisit = Omit<CheckIn, 'userName' | 'startedPlace'> & {
  readonly startedPlace: NonNullable<CheckIn['startedPlace']>;
};

const notes = {
  Driver: ['Delivered and signed for', 'Unloaded at the back gate', 'Two crates returned empty', 'Waited for the dock'],
  'Refrigeration technician': [
    'Compressor serviced, holding at −18 °C',
    'Replaced the door seal of cold room 2',
    'Topped up R448A, no leak found',
    'Evaporator iced over, defrost timer reset',
  ],
  'Electrical technician': ['Replaced a contactor', 'Checked the earth leakage unit', 'Rewired the thermostat'],
  Merchandiser: ['Fridge restocked and faced', 'New price cards up', 'Moved the display unit to the entrance'],
  sales: [
    'Quoted for a second cold room',
    'Owner wants a service contract',
    'Order taken for next week',
    'Follow up on Friday',
  ],
  early: ['Morning briefing', 'Loading for the round', 'Collected the day’s orders'],
  branch: ['Loading for the round', 'Paperwork', 'Stock count with the storeman', 'Fetched parts'],
};

/** Nobody checks in on the doorstep's second: `DELAY` seconds pass first, and leaving is said a little early. */
const DELAY = { low: 15, high: 80 };
const SHORTEST_S = 180;

/** The check-ins of one person's day: never two at once, each within its stay, each where the phone said it was. */
export function visitsOf(day: PersonDay, orgSeed: string): DemoVisit[] {
  const random = randomFrom('visits', orgSeed, day.person.id, day.date);
  const visits: DemoVisit[] = [];
  for (const stay of day.stays) {
    const visit = visitOf(day, stay, orgSeed, random);
    if (visit) visits.push(visit);
  }
  return visits;
}

function visitOf(day: PersonDay, stay: Stay, orgSeed: string, random: Random): DemoVisit | null {
  const startS = stay.arrivedS + random.between(DELAY.low, DELAY.high);
  const endS = stay.leftS === null ? null : stay.leftS - random.between(5, 40);
  const isForgotten = random.chance(0.07);
  const note = random.chance(0.7) ? random.pick(notesFor(day, stay)) : null;
  if (isForgotten || (stay.site.kind !== 'branch' && stay.site.kind !== 'client')) return null;

  const lastAt = day.fixes.at(-1)?.at;
  if (lastAt === undefined) return null;
  const lastS = (Date.parse(lastAt) - day.startsAt.getTime()) / 1_000;
  if ((endS ?? lastS) - startS < SHORTEST_S) return null;
  // Who is still there at five has gone home by now; who is still there earlier is still there.
  const isOver = endS !== null || lastS >= 9 * 3_600 - 1;
  const endedS = isOver ? Math.min(endS ?? lastS, lastS) : null;

  const startedAt = instantOf(day, startS);
  return {
    id: stableId(new Date(startedAt), orgSeed, 'visit', day.person.id, startedAt),
    branchId: day.person.branch.id,
    userId: day.person.id,
    startedAt,
    startedPlace: placeAt(day.fixes, startedAt, stay),
    endedAt: endedS === null ? null : instantOf(day, endedS),
    endedPlace: endedS === null ? null : placeAt(day.fixes, instantOf(day, endedS), stay),
    note: stay.site.kind === 'client' && note !== null ? `${stay.site.name}: ${note}` : note,
  };
}

function notesFor(day: PersonDay, stay: Stay): readonly string[] {
  if (stay.site.kind === 'branch') return stay.arrivedS < 5_400 ? notes.early : notes.branch;
  const { jobTitle } = day.person;
  for (const [title, texts] of Object.entries(notes)) if (title === jobTitle) return texts;
  return notes.sales;
}

function instantOf(day: PersonDay, seconds: number): string {
  return new Date(day.startsAt.getTime() + Math.round(seconds) * 1_000).toISOString();
}

/** What the phone said last; a check-in that fell between two far fixes takes the door itself. */
function placeAt(fixes: readonly FixSample[], at: string, stay: Stay): NonNullable<DemoVisit['endedPlace']> {
  const latest = fixes.findLast((fix) => fix.at <= at);
  if (!latest || distanceM(latest, stay.place) > 40) return { ...stay.place, accuracy: 15 };
  return { lat: latest.lat, lng: latest.lng, accuracy: latest.accuracy };
}
