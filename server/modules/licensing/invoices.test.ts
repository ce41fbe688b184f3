import { licensingApi } from '@loro/contracts/licensing';
import { anAdmin, anOwner, licensed } from '../../testing/licenses';
import { PaymentProvider } from '../../testing/payment-provider';
import { outcome } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';
import { moneyText } from './money.policy';

const provider = new PaymentProvider();
beforeAll(() => provider.listen());
afterAll(() => provider.close());
const hub = testHub({ env: provider.env });
const api = (person: Pick<Person, 'token'>) => hub.api(licensingApi, person);
const inDays = (days: number) => new Date(hub.clock.now().getTime() + days * 86_400_000).toISOString();
let admin: Person;
beforeAll(async () => {
  admin = await anAdmin(hub);
});
beforeEach(() => provider.forget());

async function subscriber(): Promise<Person> {
  const owner = await anOwner(hub);
  const usual = { type: 'subscription', plan: 'starter', startsAt: inDays(-10), expiresAt: inDays(20) } as const;
  await licensed(hub, owner.orgId, usual, admin);
  return owner;
}
const file = (person: Person, path: string) =>
  fetch(`${hub.url}/api/v1/licensing/${path}`, { headers: { authorization: `Bearer ${person.token}` } });

describe('an invoice', () => {
  it('is written when a charge was paid, numbered without a gap, and does not change with the organisation', async () => {
    const [one, two] = [await subscriber(), await subscriber()];
    await api(one).takePlan({ plan: 'professional' });
    await api(two).takePlan({ plan: 'professional' });
    await hub.sql("UPDATE organisations SET name = 'Renamed' WHERE id = ?", [one.orgId]);

    const [first] = (await api(one).invoices({})).data;
    const [second] = (await api(two).invoices({})).data;

    expect(first).toMatchObject({ price: { amount: 3_333, currency: 'USD' }, country: 'ZA', reference: 'r-1' });
    expect(first?.organisation).not.toBe('Renamed');
    expect(first?.number).toMatch(new RegExp(`^${hub.clock.now().getUTCFullYear()}-\\d{6}$`));
    const numbers = [first, second].map((invoice) => Number(invoice?.number.split('-')[1]));
    expect(numbers[1]).toBe((numbers[0] ?? 0) + 1);
  });

  it('is not written for what was not paid, and leaves no gap', async () => {
    const owner = await subscriber();
    const before = await subscriber();
    await api(before).takePlan({ plan: 'professional' });
    provider.says = { status: 'declined', reason: 'no funds' };
    await outcome(api(owner).takePlan({ plan: 'professional' }));
    expect((await api(owner).invoices({})).data).toEqual([]);
    provider.says = { status: 'paid', reference: 'r-2' };
    await api(owner).takePlan({ plan: 'professional' });

    const numberOf = async (person: Person) => Number((await api(person).invoices({})).data[0]?.number.split('-')[1]);
    expect(await numberOf(owner)).toBe((await numberOf(before)) + 1);
  });

  it('is a PDF to be handed on, and nobody else’s', async () => {
    const owner = await subscriber();
    const stranger = await subscriber();
    await api(owner).takePlan({ plan: 'professional' });
    const [{ id, number } = { id: '', number: '' }] = (await api(owner).invoices({})).data;

    const answer = await file(owner, `invoices/${id}/file`);
    const bytes = Buffer.from(await answer.arrayBuffer());

    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="invoice-${number}.pdf"`);
    expect([bytes.subarray(0, 5).toString(), bytes.subarray(-6).toString().trim()]).toEqual(['%PDF-', '%%EOF']);
    expect((await file(stranger, `invoices/${id}/file`)).status).toBe(404);
    expect(await outcome(api(stranger).invoice({ invoiceId: id }))).toMatchObject({ status: 404 });
  });

  it.each([
    [9_900, 'USD', '99.00 USD'],
    [5, 'EUR', '0.05 EUR'],
    [1_250, 'JPY', '1250 JPY'],
    [-1_234, 'KWD', '-1.234 KWD'],
  ])('of %i in %s says %s', (amount, currency, text) => {
    expect(moneyText({ amount, currency })).toBe(text);
  });
});

describe('a report of compliance', () => {
  it('is a file with the hash of its content, in every format the same', async () => {
    const owner = await subscriber();
    const { id, sha256, content } = await api(owner).makeReport({ from: '2026-01-01', to: '2026-02-01' });

    const [csv, pdf] = [
      await file(owner, `compliance/reports/${id}/file?format=csv`),
      await file(owner, `compliance/reports/${id}/file`),
    ];

    expect(await csv.text()).toBe(content);
    expect(
      Buffer.from(await pdf.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
    const digest = `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`;
    expect([csv.headers.get('content-digest'), pdf.headers.get('content-digest')]).toEqual([digest, digest]);
    const stranger = await subscriber();
    expect((await file(stranger, `compliance/reports/${id}/file`)).status).toBe(404);
  });
});
