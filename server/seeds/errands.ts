import type { DemoPerson } from './company.types';
import { lengthOf } from './geo';
import type { Random } from './random';
import { clientSitesOf, deskOf, homeOf, lunchNear, type Site, stopNear } from './sites';
import type { Mode } from './traveller';

/** Somewhere to go next, how, and for how long. */
export interface Errand {
  readonly to: Site;
  readonly mode: Mode;
  readonly dwellS: number;
  /** A private errand is not recorded. */
  readonly isPrivate?: boolean;
}

/** Decides what a person does next; `nowS` counts from the start of the shift. */
export interface Agenda {
  readonly start: Site;
  readonly startDwellS: number;
  next(nowS: number, here: Site): Errand;
}

const HOUR = 3_600;
const MINUTE = 60;
/** From 08:00 to 17:00. */
export const SHIFT_S = 9 * HOUR;
/** Long enough to outlast any shift. */
const UNTIL_EVENING = 2 * SHIFT_S;

/** A working day: in by way of the branch, clients, lunch, clients, and back through the fence before five. */
export function workingDay(person: DemoPerson, random: Random): Agenda {
  const { branch } = person;
  const desk = deskOf(person);
  const isOffice = person.travels === 'office';
  const mode: Mode = person.travels === 'foot' ? 'foot' : 'car';
  const lunchAt = 4 * HOUR + random.between(-20, 25) * MINUTE;
  const homewardAt = 8 * HOUR + random.between(-15, 20) * MINUTE;
  const startsAtHome = random.chance(0.65);
  const officeTripAt = isOffice && random.chance(0.5) ? 6 * HOUR + random.between(-20, 30) * MINUTE : Infinity;
  const rounds = roundsOf(person, random);
  let hasEaten = false;
  let hasTripped = false;
  let toNextReturn = random.whole(4, 7);

  const atBranch = (dwellS: number): Errand => ({ to: desk, mode, dwellS });
  const eat = (here: Site): Errand => {
    hasEaten = true;
    const isOnFoot = isOffice || mode === 'foot';
    const to = lunchNear(branch, here.at, isOnFoot ? 650 : 1_000, random);
    return { to, mode: isOnFoot ? 'foot' : 'car', dwellS: random.whole(30, 45) * MINUTE, isPrivate: true };
  };

  return {
    start: startsAtHome ? homeOf(person) : desk,
    startDwellS: startsAtHome ? random.whole(0, 12) * MINUTE : random.whole(8, 30) * MINUTE,
    next(nowS, here) {
      if (!hasEaten && nowS >= lunchAt) return eat(here);
      if (isOffice) {
        if (here.kind === 'lunch') return { ...atBranch(Math.max(MINUTE, officeTripAt - nowS)), mode: 'foot' };
        if (here !== desk) return atBranch(hasEaten ? UNTIL_EVENING : lunchAt - nowS);
        if (hasTripped || !hasEaten || nowS < officeTripAt) return atBranch(hasEaten ? UNTIL_EVENING : lunchAt - nowS);
        hasTripped = true;
        return { to: rounds(here), mode: 'car', dwellS: random.whole(20, 40) * MINUTE };
      }
      if (nowS >= homewardAt) return atBranch(UNTIL_EVENING);
      const isMorningBriefing = here.kind === 'home';
      if (isMorningBriefing) return atBranch(random.whole(8, 25) * MINUTE);
      toNextReturn -= 1;
      if (toNextReturn === 0) {
        toNextReturn = random.whole(4, 7);
        if (here !== desk) return atBranch(random.whole(5, 15) * MINUTE);
      }
      return { to: rounds(here), mode, dwellS: dwellAtClient(person, random) };
    },
  };
}

/** An endless shift for a live map: short stops, and home through the fence after every client or two. */
export function endlessShift(person: DemoPerson, random: Random): Agenda {
  const desk = deskOf(person);
  const mode: Mode = person.travels === 'foot' ? 'foot' : 'car';
  const rounds = roundsOf(person, random);
  let toNextReturn = random.whole(1, 2);

  return {
    start: desk,
    // Shifts that all begin with the process would leave the yard as one convoy.
    startDwellS: random.whole(0, 40),
    next(_nowS, here) {
      const dwellS = random.whole(30, 90);
      if (here !== desk && toNextReturn === 0) {
        toNextReturn = mode === 'foot' ? 1 : random.whole(1, 2);
        return { to: desk, mode, dwellS };
      }
      toNextReturn = Math.max(0, toNextReturn - 1);
      return { to: mode === 'foot' ? stopNear(person.branch, random) : rounds(here), mode, dwellS };
    },
  };
}

/** Picks clients near where one is, and not one of the last six again. */
function roundsOf(person: DemoPerson, random: Random): (here: Site) => Site {
  const clients = clientSitesOf(person.branch);
  const choice = person.travels === 'foot' ? 3 : 7;
  let recent: Site[] = [];
  return (here) => {
    const near = clients
      .filter((site) => site !== here && !recent.includes(site))
      .toSorted((a, b) => lengthOf(a.at, here.at) - lengthOf(b.at, here.at));
    const site = random.pick(near.slice(0, choice));
    recent = [site, ...recent].slice(0, 6);
    return site;
  };
}

function dwellAtClient(person: DemoPerson, random: Random): number {
  // Between 5 and 40 minutes: most deliveries are short, most repairs long.
  const isRepair = person.jobTitle.endsWith('technician');
  return Math.round((5 + 35 * random.next() ** (isRepair ? 0.6 : 1.4)) * MINUTE);
}
