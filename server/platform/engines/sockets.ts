import { lstatSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import type { EngineName } from './recipe';

/** The kernel takes 104 (macOS) to 108 (Linux) bytes with the closing zero; a longer path is cut short or refused. */
const SOCKET_PATH_BYTES = 100;
const ANSWER_WITHIN_MS = 500;

export const socketIn = (folder: string, name: EngineName): string => path.join(folder, `${name}.sock`);

/**
 * Where the sockets lie: in `dir`, or in a short temporary folder when that path is too long for one.
 * A temporary folder that an earlier hub `remembered` is used again while it is still ours alone.
 */
export function socketFolder(dir: string, remembered: string | undefined): string {
  if (fits(dir)) return dir;
  if (remembered !== undefined && remembered !== dir && fits(remembered) && isOursAlone(remembered)) return remembered;

  const root = fits(path.join(tmpdir(), 'loro-XXXXXX')) ? tmpdir() : '/tmp';
  return mkdtempSync(path.join(root, 'loro-'));
}

/** Removes a temporary folder of sockets; leaves the data folder alone. */
export function dropSocketFolder(folder: string, dir: string): void {
  if (folder !== dir) rmSync(folder, { recursive: true, force: true });
}

const fits = (folder: string) => Buffer.byteLength(socketIn(folder, 'mariadb')) <= SOCKET_PATH_BYTES;

/** Anyone may make a folder of any name in /tmp: one of another user would hand him the database. */
function isOursAlone(folder: string): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  return stat !== undefined && stat.isDirectory() && stat.uid === userInfo().uid && (stat.mode & 0o077) === 0;
}

/** Connects, says `greeting` if there is one, and returns the first bytes of the answer; undefined when there is none. */
export function firstAnswer(socketPath: string, greeting?: string): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect(socketPath);
    const settle = (answer: Buffer | undefined) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ANSWER_WITHIN_MS, () => settle(undefined));
    socket.once('error', () => settle(undefined));
    socket.once('close', () => settle(undefined));
    socket.once('data', settle);
    if (greeting !== undefined) socket.write(greeting);
  });
}
