import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Link } from './chain.policy';
import type { Signature } from './signer';

const Line = z.object({ signed: z.string(), keyId: z.string(), signature: z.string() });
const Said = z.object({ orgId: z.string(), seq: z.number().int(), hash: z.string() });
type Anchor = Link & z.infer<typeof Line>;

/** A folder, best on another volume, that holds one file of signed points for each organisation; lines are only added. */
export class Anchors {
  constructor(private readonly folder: string) {}

  async keep(orgId: string, point: Signature): Promise<string> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const file = this.fileOf(orgId);
    await appendFile(file, `${JSON.stringify(point)}\n`, { mode: 0o600 });
    return file;
  }

  /** A copy of entries that leave the database; a second run after a crash may say some of them twice. */
  async putAway(orgId: string, ticketId: string, lines: string): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await appendFile(path.join(this.folder, `${orgId}-pruned-${ticketId}.jsonl`), `${lines}\n`, { mode: 0o600 });
  }

  /** What was kept, as far as it can be read; a line that says nothing of this organisation is none of its points. */
  async read(orgId: string): Promise<Anchor[]> {
    const text = await readFile(this.fileOf(orgId), 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return '';
      throw error;
    });
    return text.split('\n').flatMap((line) => {
      const anchor = anchorOf(line);
      return anchor?.orgId === orgId ? [anchor] : [];
    });
  }

  private fileOf(orgId: string): string {
    return path.join(this.folder, `${orgId}.jsonl`);
  }
}

const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';

function anchorOf(text: string): (Anchor & { orgId: string }) | undefined {
  try {
    const line = Line.parse(JSON.parse(text));
    return { ...line, ...Said.parse(JSON.parse(line.signed)) };
  } catch {
    return undefined;
  }
}
