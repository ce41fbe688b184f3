import { readdirSync, readFileSync } from 'node:fs';

const TICK_NS = 10_000_000;

/**
 * Nanoseconds of CPU that a process has used, all its threads together: from schedstat, which is exact, or from stat
 * (user and system ticks of 10 ms) where the kernel keeps no schedstat.
 */
export function cpuNs(pid: number): number {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) sum += scheduledNs(`/proc/${pid}/task/${thread}/schedstat`);
  return sum > 0 ? sum : ticksOf(pid) * TICK_NS;
}

/** KiB of a process that are in memory. */
export function rssKib(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (!line) throw new Error(`process ${pid} is gone`);
  return Number(line[1]);
}

/** Open files that a process of this user may have. */
export function openFilesLimit(): number {
  const line = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  // Node lifts its soft limit to the hard one when it starts.
  return line?.[1] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(line?.[1] ?? 1_024);
}

function scheduledNs(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8').split(' ')[0]);
  } catch {
    // The thread has ended since the folder was listed, or the kernel keeps none.
    return 0;
  }
}

function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The program's name may hold spaces and brackets; the fields are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
