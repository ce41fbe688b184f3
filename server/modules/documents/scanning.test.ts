import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { documentsApi, type Document } from '@loro/contracts/documents';
import { type Person, testHub } from '../../testing/test-hub';
import { filesFolder, uploads } from '../../testing/uploads';

/** A scanner that speaks as clamd does, finds one word, and can be told to break off. */
class Scanner {
  readonly taken: Buffer[] = [];
  says: ((bytes: Buffer) => string | null) | undefined;
  private readonly server: Server = createServer((socket) => this.serve(socket));

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
  }

  private serve(socket: Socket): void {
    let held = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (part) => {
      held = Buffer.concat([held, part]);
      const bytes = streamed(held);
      if (!bytes) return;
      this.taken.push(bytes);
      const said = this.says ? this.says(bytes) : verdict(bytes);
      if (said === null) socket.destroy();
      else socket.end(`${said}\0`);
    });
  }
}

const verdict = (bytes: Buffer): string => (bytes.includes('evil') ? 'stream: Test.Evil FOUND' : 'stream: OK');

/** The bytes between the command and the empty chunk; null until that has come. */
function streamed(held: Buffer): Buffer | null {
  const command = 'zINSTREAM\0';
  if (held.length < command.length) return null;
  if (held.subarray(0, command.length).toString('latin1') !== command) throw new Error('this is not the command');
  const parts: Buffer[] = [];
  for (let at = command.length; at + 4 <= held.length;) {
    const length = held.readUInt32BE(at);
    if (length === 0) return Buffer.concat(parts);
    if (at + 4 + length > held.length) return null;
    parts.push(held.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return null;
}

const scanner = new Scanner();
const files = filesFolder();
/** Complete once the scanner listens, before the hub reads it. */
const env: Record<string, string> = { FILES_DIR: files };
beforeAll(async () => {
  env['CLAMD_URL'] = `tcp://127.0.0.1:${await scanner.listen()}`;
});
afterAll(() => scanner.close());
const hub = testHub({ env });
const { open, upload } = uploads(hub, files);
const api = (person: Person) => hub.api(documentsApi, person);
const scan = (person: Person, { id }: Document) =>
  hub.work('documents.scan-document', { orgId: person.orgId, documentId: id, no: 1 });

describe('a hub with a scanner of its own', () => {
  it('opens no file before it was looked at, byte by byte', async () => {
    const person = await hub.person();
    const bytes = 'a'.repeat(200_000);
    const document = await upload(person, { bytes });

    expect([document.state, document.scan, (await open(person, document.id)).status]).toEqual([
      'processing',
      'pending',
      409,
    ]);
    await scan(person, document);

    expect(await api(person).get({ documentId: document.id })).toMatchObject({ state: 'ready', scan: 'clean' });
    expect(scanner.taken.at(-1)?.equals(Buffer.from(bytes))).toBe(true);
  });

  it('locks away what the scanner finds something in, and tells its owner', async () => {
    const person = await hub.person();
    const listener = await hub.listen('/notifications', person);
    const document = await upload(person, { bytes: 'something evil' });

    await scan(person, document);

    expect(await api(person).get({ documentId: document.id })).toMatchObject({
      state: 'quarantined',
      scan: 'infected',
    });
    expect((await open(person, document.id)).status).toBe(423);
    await listener.next(
      'document:changed',
      ({ id, scan: said }: Document) => id === document.id && said === 'infected',
    );
  });

  it.each([
    ['breaks off', () => null, 'said nothing'],
    ['says that the file is too large for it', () => 'INSTREAM size limit exceeded. ERROR', 'size limit exceeded'],
  ])('keeps a file closed whose scanner %s, and asks again', async (_, says, why) => {
    const person = await hub.person();
    const document = await upload(person);

    scanner.says = says;
    await expect(scan(person, document)).rejects.toThrow(why);
    expect((await open(person, document.id)).status).toBe(409);
    scanner.says = undefined;
    await scan(person, document);

    expect((await open(person, document.id)).status).toBe(200);
  });
});
