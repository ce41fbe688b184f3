import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkInsApi } from '@loro/contracts/check-ins';
import type { CheckInPhoto } from '@loro/contracts/check-ins-records';
import type { Problem } from '@loro/contracts/kit/problem';
import { keepRetention } from '@loro/contracts/check-ins-live';
import { checkInSetupApi } from '@loro/contracts/check-ins-setup';
import sharp from 'sharp';
import { checkIn, officeWorker } from '../../testing/check-in-people';
import { type Person, testHub } from '../../testing/test-hub';

const folder = mkdtempSync(path.join(tmpdir(), 'loro-photos-'));
const hub = testHub({ env: { FILES_DIR: folder } });
const api = (person: Person) => hub.api(checkInsApi, person);

/** A picture that no other seed draws: blocks of grey. */
async function picture(
  seed: number,
  { exif, quality = 90 }: { exif?: Record<string, string>; quality?: number } = {},
): Promise<Buffer> {
  const grey = Buffer.from(
    Array.from({ length: 81 }, (_, index) => (Math.imul(index + 1, seed * 2_654_435_761 + 97) >>> 8) % 256),
  );
  const drawn = sharp(grey, { raw: { width: 9, height: 9, channels: 1 } })
    .resize(360, 360, { kernel: 'nearest' })
    .jpeg({ quality });
  return exif ? drawn.withExif({ IFD2: exif, IFD3: exif }).toBuffer() : drawn.toBuffer();
}

async function put(person: Person, checkInId: string, nonce: string, bytes: Buffer) {
  const form = new FormData();
  form.set('nonce', nonce);
  form.set('file', new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }), 'me.jpg');
  const answer = await fetch(`${hub.url}/api/v1/check-ins/${checkInId}/photo`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${person.token}` },
    body: form,
  });
  return { status: answer.status, answer: (await answer.json()) as { data: CheckInPhoto } & Problem };
}

/** Checks in with a photo to come. */
async function awaited(worker: Person) {
  const { nonce } = await api(worker).photoNonce();
  const recorded = await api(worker).record(checkIn({ kind: 'visit', type: 'office', photoNonce: nonce }));
  return { nonce, id: recorded.id, recorded };
}

const wanting = async () => {
  const worker = await officeWorker(hub);
  const admin = await hub.person({ role: 'admin', beside: worker });
  const settings = { photo: 'always', minSecondsBetween: 0 } as const;
  await hub.api(checkInSetupApi, admin).makeRule({ type: 'office', settings });
  return worker;
};
const camera = (minutes: number): Record<string, string> => {
  const at = new Date(hub.clock.now().getTime() + minutes * 60_000).toISOString();
  return {
    DateTimeOriginal: `${at.slice(0, 10).replaceAll('-', ':')} ${at.slice(11, 19)}`,
    OffsetTimeOriginal: '+00:00',
  };
};

describe('a photo', () => {
  it('is asked for with a nonce; until it is there the check-in waits', async () => {
    const worker = await wanting();
    await expect(api(worker).record(checkIn())).rejects.toMatchObject({ status: 422, code: 'PHOTO_REQUIRED' });
    const { id, nonce, recorded } = await awaited(worker);
    expect(recorded).toMatchObject({ status: 'flagged', photoWanted: true, reasons: ['photo_missing'] });

    const { status, answer } = await put(worker, id, nonce, await picture(1));

    expect([status, answer.data]).toMatchObject([200, { verdict: 'ok', status: 'accepted' }]);
    expect(await api(worker).recorded({ recordId: id })).toMatchObject({
      photo: 'ok',
      status: 'accepted',
      reasons: [],
    });
  });

  it('is kept sealed, without what the camera wrote', async () => {
    const worker = await wanting();
    const { id, nonce } = await awaited(worker);
    await put(worker, id, nonce, await picture(2, { exif: camera(1) }));

    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.includes(worker.orgId))
      .map((name) => path.join(folder, name))
      .filter((name) => statSync(name).isFile());

    expect(files).toHaveLength(1);
    expect(readFileSync(files[0] ?? '').subarray(28, 31)).not.toEqual(Buffer.from([0xff, 0xd8, 0xff]));
  });

  it('that was used before is refused, and one like it is remarked', async () => {
    const worker = await wanting();
    const colleague = await officeWorker(hub, 'staff', worker);
    const first = await awaited(worker);
    await put(worker, first.id, first.nonce, await picture(3));
    const second = await awaited(colleague);

    const same = await put(colleague, second.id, second.nonce, await picture(3));
    const alike = await put(colleague, second.id, second.nonce, await picture(3, { quality: 40 }));

    expect([same.status, same.answer.code]).toEqual([422, 'PHOTO_DUPLICATE']);
    expect(alike.answer.data).toMatchObject({ verdict: 'duplicate', status: 'flagged' });
    expect(await api(colleague).recorded({ recordId: second.id })).toMatchObject({
      spoofScore: 50,
      reasons: ['photo_duplicate'],
    });
  });

  it('of another organisation is nobody else’s business', async () => {
    const [one, other] = [await wanting(), await wanting()];
    const [first, second] = [await awaited(one), await awaited(other)];

    await put(one, first.id, first.nonce, await picture(4));

    expect((await put(other, second.id, second.nonce, await picture(4))).answer.data).toMatchObject({ verdict: 'ok' });
    expect((await put(other, first.id, second.nonce, await picture(5))).status).toBe(404);
  });

  it('that was taken at another time does not fit', async () => {
    const worker = await wanting();
    const [near, far] = [await awaited(worker), await awaited(worker)];

    const fits = await put(worker, near.id, near.nonce, await picture(6, { exif: camera(4) }));
    const old = await put(worker, far.id, far.nonce, await picture(7, { exif: camera(-6) }));

    expect([fits.answer.data.verdict, old.answer.data.verdict]).toEqual(['ok', 'mismatch']);
    expect(old.answer.data.status).toBe('flagged');
  });

  it('needs the nonce of its check-in, which is good once and for five minutes', async () => {
    const worker = await wanting();
    const [first, second] = [await awaited(worker), await awaited(worker)];
    const photo = await picture(8);

    const foreign = await put(worker, first.id, second.nonce, photo);
    hub.clock.advance(5 * 60_000 + 1);
    const late = await put(worker, first.id, first.nonce, photo);

    expect([foreign.answer.code, late.answer.code]).toEqual(['PHOTO_NONCE', 'PHOTO_NONCE']);
    await expect(api(worker).record(checkIn({ photoNonce: first.nonce }))).rejects.toMatchObject({
      code: 'PHOTO_NONCE',
    });
  });

  it('is a real picture, and no bomb', async () => {
    const worker = await wanting();
    const { id, nonce } = await awaited(worker);
    const bomb = await sharp({ create: { width: 9_000, height: 9_000, channels: 3, background: 'white' } })
      .jpeg({ quality: 1 })
      .toBuffer();

    const answers = await Promise.all(
      [
        Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'),
        Buffer.from('no picture'),
        bomb,
      ].map((bytes) => put(worker, id, nonce, bytes)),
    );
    const large = await put(worker, id, nonce, Buffer.alloc(2 * 1_024 * 1_024 + 1));

    expect(answers.map(({ answer }) => answer.code)).toEqual(Array(3).fill('PHOTO_NOT_READABLE'));
    expect(large.status).toBe(413);
  });

  it('goes when its days are over', async () => {
    const worker = await wanting();
    const { id, nonce } = await awaited(worker);
    await put(worker, id, nonce, await picture(9));
    hub.clock.advance(30 * 86_400_000 + 60_000);

    await hub.work(keepRetention.name, { tick: hub.clock.now().toISOString() });

    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.includes(worker.orgId) && statSync(path.join(folder, name)).isFile(),
    );
    expect(files).toEqual([]);
    expect(
      await hub.sql('SELECT storage_key AS file, verdict FROM check_in_photos WHERE check_in_id = ?', [id]),
    ).toEqual([{ file: null, verdict: 'ok' }]);
  });
});
