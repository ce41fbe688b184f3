import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { post } from '../../testing/links';
import { type Person, testHub } from '../../testing/test-hub';

const STOLEN = 'nine purple umbrellas';
const DIGEST = createHash('sha1').update(STOLEN).digest('hex').toUpperCase();
const OTHERS = '0018A45C4D1DEF81644B54AB7F969B88D65:3\r\n00D4F6E8FA6EECAD2A3AA415EEC418D38EC:0';

let range: Server;
let answer = { status: 200, text: '' };
const asked: string[] = [];
const env: Record<string, string> = { OUTGOING_PRIVATE: '127.0.0.0/8' };

beforeAll(async () => {
  range = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(answer.status).end(answer.text);
  });
  await new Promise<void>((resolve) => range.listen(0, '127.0.0.1', resolve));
  const at = range.address();
  const port = typeof at === 'object' && at ? at.port : 0;
  env['LORO_SETTINGS'] = JSON.stringify({
    'security.check-breached-passwords': true,
    'security.breached-passwords-url': `http://127.0.0.1:${port}/range/`,
  });
});
const hub = testHub({ env });
afterAll(() => new Promise((resolve) => range.close(resolve)));

const change = ({ token, password }: Person) =>
  post(
    hub,
    '/auth/password/change',
    { currentPassword: password, newPassword: STOLEN },
    { authorization: `Bearer ${token}` },
  );

describe('a new password that was stolen elsewhere', () => {
  it('is refused, and whoever was asked learned five digits of its hash', async () => {
    answer = { status: 200, text: `${OTHERS}\r\n${DIGEST.slice(5)}:12` };
    asked.length = 0;

    const refused = await change(await hub.person());

    expect(refused).toMatchObject({ status: 400, code: 'PASSWORD_WEAK' });
    expect(JSON.parse(refused.text)).toMatchObject({ errors: [{ path: 'newPassword', code: 'breached' }] });
    expect(asked).toEqual([`/range/${DIGEST.slice(0, 5)}`]);
  });

  it.each([
    ['it is not among them', { status: 200, text: OTHERS }],
    ['it only fills up the answer', { status: 200, text: `${DIGEST.slice(5)}:0` }],
    ['nobody can be asked', { status: 503, text: 'away' }],
    ['the answer is nonsense', { status: 200, text: '<html>' }],
  ])('is taken where %s', async (_what, given) => {
    answer = given;

    expect((await change(await hub.person())).status).toBe(204);
  });
});
