import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Binary } from './binaries';
import type { Recipe } from './recipe';
import { firstAnswer } from './sockets';

/** Redis, or Valkey in its place, with its data in `home` and a unix socket as its only ear. */
export function redis(binary: Binary, home: string, socketPath: string): Recipe {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const program = nameAsServer(binary.program, home);
  const settings = {
    port: '0',
    unixsocket: socketPath,
    unixsocketperm: '700',
    dir: home,
    daemonize: 'no',
    save: '',
    appendonly: 'yes',
    appendfsync: 'everysec',
    // Queues and streams live in it: refusing a write is an error someone sees, evicting a job is not.
    'maxmemory-policy': 'noeviction',
  };

  return {
    name: 'redis',
    home,
    url: pathToFileURL(socketPath).href.replace(/^file:/, 'redis+unix:'),
    prepare: () => Promise.resolve(),
    launch: () => ({
      command: [
        program,
        // Arguments are read as lines of its configuration: a name, then its values.
        ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
      ],
      env: binary.env,
      logFile: path.join(home, 'redis.log'),
      pidFile: path.join(home, 'redis.pid'),
    }),
    // It answers -LOADING while it reads the append-only file back.
    isReady: async () => (await firstAnswer(socketPath, 'PING\r\n'))?.toString().startsWith('+PONG') === true,
  };
}

/** Server and checker are one program that looks at the name it was called by; some packages ship only the checker. */
function nameAsServer(program: string, home: string): string {
  if (path.basename(program).endsWith('-server')) return program;

  const link = path.join(home, path.basename(program).replace('-check-rdb', '-server'));
  rmSync(link, { force: true });
  symlinkSync(program, link);
  return link;
}
