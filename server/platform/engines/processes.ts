import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { systemCode } from './errors';

/** A process that cannot be mistaken for a later one with the same number. */
export const ProcessIdentity = z.object({
  pid: z.number().int().positive(),
  /** When it began, as an opaque token; null where the system does not tell. */
  born: z.string().nullable(),
});
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

export function identify(pid: number): ProcessIdentity {
  return { pid, born: look(pid)?.born ?? null };
}

/** True while a process with this number runs. A zombie has ended: nobody collected it, but it holds nothing. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Another user's process answers EPERM, and it is alive.
    if (systemCode(error) !== 'EPERM') return false;
  }
  return look(pid)?.isZombie !== true;
}

/** True while exactly this process runs; in doubt about its birth, true. */
export function isStillRunning(identity: ProcessIdentity): boolean {
  if (!isAlive(identity.pid)) return false;

  const born = look(identity.pid)?.born;
  return identity.born === null || born === undefined || born === identity.born;
}

/** The command line of a process, its arguments joined by spaces; empty when it is gone or hidden. */
export function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return ps(pid, 'command=');
  } catch {
    return '';
  }
}

function look(pid: number): { born: string; isZombie: boolean } | undefined {
  try {
    if (process.platform === 'linux') return lookInProc(pid);

    const [state = '', ...born] = ps(pid, 'state=,lstart=').split(/\s+/);
    return { born: born.join(' '), isZombie: state.startsWith('Z') };
  } catch {
    return undefined;
  }
}

function lookInProc(pid: number): { born: string; isZombie: boolean } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The program's name stands in brackets and may hold spaces and brackets itself: count from the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // Birth is counted in ticks since the boot, so it means nothing without the boot.
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return { born: `${boot}/${fields[19]}`, isZombie: fields[0] === 'Z' };
}

function ps(pid: number, columns: string): string {
  // The words of a date depend on the language, and two hubs may have different ones.
  return execFileSync('/bin/ps', ['-o', columns, '-p', String(pid)], {
    encoding: 'utf8',
    env: { LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}
