import type { Sent } from './commands';
import type { Load } from './load';
import type { Truth } from './truth';
import { FENCE_RADIUS_M } from './world';

export interface Accounts {
  readonly commands: number;
  readonly acked: number;
  readonly retried: number;
  readonly fixes: number;
  readonly crossings: number;
  readonly reports: number;
  /** Acknowledged and not in MySQL. */
  readonly lost: string[];
  /** Happened more than once, or answered in two ways. */
  readonly twice: string[];
  readonly jobs: string[];
  /** Anything else that should not be. */
  readonly odd: string[];
}

/** Holds what was acknowledged to clients against what MySQL has. */
export async function account(load: Load, truth: Truth): Promise<Accounts> {
  const { sent, oddities } = load.commander;
  const lost: string[] = [];
  const twice: string[] = [];
  const odd = [...oddities].map(([text, times]) => `${times} × ${text}`);
  for (const command of sent) {
    if (command.differing !== null) twice.push(`${nameOf(command)} was answered with ${command.differing} too`);
    if (command.acked === null && command.refused === null) odd.push(`${nameOf(command)} was never answered`);
  }
  await accountCheckIns(sent, truth, lost, twice);
  const jobs = await accountReports(sent, truth, lost, twice);
  const { fixes, crossings } = await accountPhones(load, truth, lost, odd);
  odd.push(...(await truth.holes()));
  const unsent = await truth.unsentEvents();
  if (unsent > 0) odd.push(`${unsent} events are still to be marked as sent`);
  return {
    commands: sent.length,
    acked: sent.filter(({ acked }) => acked !== null).length,
    retried: sent.filter(({ tries }) => tries > 1).length,
    fixes,
    crossings,
    reports: sent.filter(({ what }) => what === 'report').length,
    lost,
    twice,
    jobs,
    odd,
  };
}

const nameOf = ({ what, id, actor, acked, tries }: Sent): string =>
  `${what} ${id} of ${actor.name} (${tries} tries, acknowledged as ${acked ?? 'nothing'})`;

async function accountCheckIns(sent: readonly Sent[], truth: Truth, lost: string[], twice: string[]): Promise<void> {
  const byNote = new Map<string, { id: string; endedAt: Date | null }[]>();
  const byId = new Map<string, { endedAt: Date | null }>();
  for (const row of await truth.checkIns()) {
    byNote.set(row.note, [...(byNote.get(row.note) ?? []), row]);
    byId.set(row.id, row);
  }
  const ends = await truth.ends();
  for (const command of sent) {
    if (command.what === 'check-in:start') {
      const made = byNote.get(command.id) ?? [];
      if (made.length > 1) twice.push(`${nameOf(command)} made ${made.length} check-ins`);
      if (command.acked !== null && !made.some(({ id }) => id === command.acked)) lost.push(nameOf(command));
      if (command.refused !== null && made.length > 0) twice.push(`${nameOf(command)} was refused and happened`);
    }
    if (command.what === 'check-in:end' && command.checkInId !== null) {
      const times = ends.get(command.checkInId) ?? 0;
      if (times > 1) twice.push(`${nameOf(command)} was told ${times} times`);
      if (command.acked !== null && (times === 0 || byId.get(command.checkInId)?.endedAt === null))
        lost.push(nameOf(command));
    }
  }
}

/** @returns jobs that were lost: rows that stay open, runs that do not finish */
async function accountReports(sent: readonly Sent[], truth: Truth, lost: string[], twice: string[]): Promise<string[]> {
  const runs = new Map((await truth.runs()).map((run) => [run.id, run.status]));
  const asked = sent.filter(({ what }) => what === 'report');
  for (const command of asked) if (command.acked !== null && !runs.has(command.acked)) lost.push(nameOf(command));
  const accepted = asked.filter(({ refused }) => refused === null);
  if (runs.size > accepted.length) twice.push(`${accepted.length} reports were asked for, ${runs.size} runs were made`);
  const unfinished = [...runs].filter(([, status]) => status !== 'done');
  return [
    ...unfinished.map(([id, status]) => `report run ${id} is ${status}`),
    ...(await truth.openJobs()),
    ...(await truth.deadJobs()).map((job) => `${job} was given up`),
  ];
}

async function accountPhones(
  { phones }: Load,
  truth: Truth,
  lost: string[],
  odd: string[],
): Promise<{ fixes: number; crossings: number }> {
  let fixes = 0;
  let crossings = 0;
  for (const { actor, recorder, reported } of phones) {
    const { device, boot } = await recorder.ready;
    const stored = await truth.fixes(device, boot);
    const acked = reported - recorder.pending - recorder.dropped;
    fixes += acked;
    if (stored < acked) lost.push(`${actor.name}: ${acked} fixes were acknowledged, ${stored} are stored`);
    if (acked < reported) odd.push(`${actor.name}: ${reported - acked} fixes were never acknowledged`);
    const { lat, lng } = actor.person;
    const { made, told } = await truth.crossings(device, { center: { lat, lng }, radiusM: FENCE_RADIUS_M });
    crossings += made;
    if (made !== told) odd.push(`${actor.name}: ${made} fence crossings were made, ${told} were told`);
  }
  return { fixes, crossings };
}
