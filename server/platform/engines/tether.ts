import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { EnginesError } from './errors';

const LOG_KEEP_BYTES = 4 * 1024 * 1024;

/**
 * A plain POSIX shell stands between the hub and an engine. It holds one end of a pipe; the kernel closes the other one when the
 * hub ends in whatever way, kill -9 included, and only then the watcher's read returns.
 * - The engine gets neither the pipe nor the report channel, or it would hold open what it is meant to be ended by.
 * - Signals are ignored only after the children are started, so that they do not inherit that.
 * - The report comes last: a hub that died meanwhile makes it fail, and by then the watcher is in place.
 * - The watcher is ended before the shell, so it can never signal a stranger who got the engine's number.
 * - An engine that ignores TERM for 8 s is killed; the next start waits a little longer than that.
 */
const SUPERVISOR = `
exec 3<&0 </dev/null
input=$1; pidfile=$2; shift 2
"$@" <"$input" 3<&- 4>&- &
engine=$!
(
  while read -r line <&3; do :; done
  kill -TERM "$engine"
  for second in 1 2 3 4 5 6 7 8; do sleep 1; kill -0 "$engine" || exit; done
  kill -KILL "$engine"
) >/dev/null 2>&1 4>&- &
watcher=$!
exec 3<&-
trap '' HUP INT TERM PIPE
echo "$engine" >"$pidfile"
echo "$engine" >&4
exec 4>&-
wait "$engine"
status=$?
{ kill -KILL "$watcher"; wait "$watcher"; } 2>/dev/null
exit "$status"
`;

export interface TetherOptions {
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  /** The whole environment: an engine has no business with the hub's secrets, nor with a stray MYSQL_HOME. */
  readonly env: Readonly<Record<string, string>>;
  /** Takes what the engine prints. */
  readonly logFile: string;
  /** Written by the shell itself, so a hub that is killed at once still leaves a trace of its engine. */
  readonly pidFile: string;
  /** What the engine reads on its standard input; nothing by default. */
  readonly inputFile?: string;
}

/** A child process that ends when this process ends. */
export interface Tethered {
  readonly pid: number;
  /** The exit status as a shell tells it: 128 + n after signal n. Null when the shell itself was killed. */
  readonly exited: Promise<number | null>;
  /** Asks it to end (TERM, after 8 s KILL) and waits until it has. */
  end(): Promise<void>;
}

/** Starts a tethered child. Throws `ENGINE_FAILED` when not even its process could be made. */
export async function tether(options: TetherOptions): Promise<Tethered> {
  keepLogShort(options.logFile);
  const log = openSync(options.logFile, 'a', 0o600);
  // A process group of its own: a Ctrl-C at the terminal is for the hub, which then ends its engines in order.
  const shell = spawn(
    '/bin/sh',
    ['-c', SUPERVISOR, 'tether', options.inputFile ?? '/dev/null', options.pidFile, ...options.command],
    { stdio: ['pipe', log, log, 'ignore', 'pipe'], env: { ...options.env }, detached: true },
  );
  closeSync(log);

  const lifeline = shell.stdin;
  // Nothing is ever written, but the far end may close first, and an unheard 'error' would end the hub.
  lifeline?.on('error', () => undefined);
  const exited = new Promise<number | null>((resolve) => {
    const gone = (status: number | null) => {
      // If only the shell was killed, the watcher still holds the engine: this lets go of both.
      lifeline?.destroy();
      resolve(status);
    };
    shell.once('exit', gone);
    shell.once('error', () => gone(null));
  });

  const pid = await readPid(shell.stdio[4]);
  if (pid === undefined) throw new EnginesError('ENGINE_FAILED', `Could not start ${options.command[0]}.`);

  return {
    pid,
    exited,
    end: async () => {
      lifeline?.end();
      await exited;
    },
  };
}

/** Read to its end, which comes right after the line or with the shell's death, whichever is first. */
async function readPid(channel: unknown): Promise<number | undefined> {
  if (!(channel instanceof Readable)) return undefined;

  let text = '';
  try {
    for await (const chunk of channel) text += String(chunk);
  } catch {
    // The shell could not be started, and the channel was torn down with it.
  }
  return text === '' ? undefined : Number(text);
}

/** The end of a log, for an error message. */
export function tailOf(logFile: string, lines = 12): string {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}

function keepLogShort(logFile: string): void {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_KEEP_BYTES) renameSync(logFile, `${logFile}.old`);
}
