import type { Invoice } from '@loro/contracts/licensing-billing';
import { type Actor, allow, exportFeed, type Feed, type Hub, NotFound, type Page, pageOf, ulid } from '../../platform';
import { people } from '../people';
import type { ChargeModel } from './charge.model';
import { moneyText } from './money.policy';

interface Row extends Omit<Invoice, 'price' | 'issuedAt'> {
  readonly priceMinor: number;
  readonly currency: string;
  readonly issuedAt: Date;
}

const COLUMNS = `id, number, charge_id AS chargeId, organisation, country, description, price_minor AS priceMinor,
  currency, reference, issued_at AS issuedAt`;

/** Invoices: written when a charge was paid, in the same transaction, and never changed. */
export class InvoicesService {
  constructor(private readonly hub: Hub) {}

  /** In the caller's transaction. */
  async issue(charge: ChargeModel, plan: string): Promise<void> {
    const { orgId, id: chargeId, purpose, priceMinor, currency, reference } = charge;
    const issuedAt = this.hub.now();
    const { name, country } = await this.hub.use(people).organisationOf(orgId);
    await this.hub.sequelize.query(
      `INSERT INTO license_invoices (org_id, id, number, charge_id, organisation, country, description, price_minor,
         currency, reference, issued_at)
       VALUES (:orgId, :id, :number, :chargeId, :organisation, :country, :description, :priceMinor, :currency, :reference, :issuedAt)`,
      {
        replacements: {
          orgId,
          id: ulid(issuedAt.getTime()),
          number: await this.nextNumber(issuedAt.getUTCFullYear()),
          chargeId,
          organisation: name,
          country,
          description: `Loro Hub, ${plan}: ${purpose === 'renewal' ? 'next term' : 'change of plan'}`,
          priceMinor,
          currency,
          reference,
          issuedAt,
        },
      },
    );
  }

  async list(actor: Actor, { limit, cursor }: { limit: number; cursor?: string | undefined }): Promise<Page<Invoice>> {
    allow(actor, 'license.read');
    const before = this.hub.cursors.decode('invoices', cursor)?.[0];
    const rows = await this.hub.select<Row>(
      `SELECT ${COLUMNS} FROM license_invoices WHERE org_id = :orgId ${before === undefined ? '' : 'AND id < :before'}
       ORDER BY id DESC LIMIT :limit`,
      { orgId: actor.orgId, before, limit: limit + 1 },
    );
    return pageOf(rows, limit, ({ id }) => this.hub.cursors.encode('invoices', [id]), presented);
  }

  async get(actor: Actor, id: string): Promise<Invoice> {
    allow(actor, 'license.read');
    const [row] = await this.hub.select<Row>(
      `SELECT ${COLUMNS} FROM license_invoices WHERE org_id = :orgId AND id = :id`,
      { orgId: actor.orgId, id },
    );
    if (!row) throw new NotFound('This invoice');
    return presented(row);
  }

  async file(actor: Actor, id: string): Promise<Feed> {
    const { number, organisation, country, description, price, reference, issuedAt } = await this.get(actor, id);
    const rows = [
      { what: 'Number', says: number },
      { what: 'Date', says: issuedAt.slice(0, 10) },
      { what: 'To', says: `${organisation}, ${country}` },
      { what: 'For', says: description },
      { what: 'Payment', says: reference ?? '' },
      { what: 'Total, paid', says: moneyText(price) },
    ];
    const columns = [
      { key: 'what', label: 'Invoice', kind: 'text' as const },
      { key: 'says', label: number, kind: 'text' as const },
    ];
    return exportFeed({ format: 'pdf', title: `Invoice ${number}`, columns, rows }, `invoice-${number}`);
  }

  /** The row of the year is held until the end of the transaction: one that is rolled back leaves no gap. */
  private async nextNumber(year: number): Promise<string> {
    await this.hub.sequelize.query(
      'INSERT INTO license_invoice_years (year, last) VALUES (:year, 1) ON DUPLICATE KEY UPDATE last = last + 1',
      { replacements: { year } },
    );
    const [row] = await this.hub.select<{ last: number }>(
      'SELECT last FROM license_invoice_years WHERE year = :year FOR UPDATE',
      { year },
    );
    return `${year}-${String(row?.last ?? 0).padStart(6, '0')}`;
  }
}

const presented = ({ priceMinor, currency, issuedAt, ...row }: Row): Invoice => ({
  ...row,
  price: { amount: priceMinor, currency },
  issuedAt: issuedAt.toISOString(),
});
