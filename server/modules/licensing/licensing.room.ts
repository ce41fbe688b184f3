import type { Feature } from '@loro/contracts/kit/features';
import type { LicenseLimit, UsageFeature } from '@loro/contracts/licensing-values';
import type { After, Hub } from '../../platform';
import { configuration } from '../configuration';
import { people } from '../people';
import { ActivationsService } from './activations.service';
import { BillingService } from './billing.service';
import { CallsService } from './calls.service';
import { ChargesService } from './charges.service';
import { ClockStore } from './clock.store';
import { ComplianceService } from './compliance.service';
import { CountersStore } from './counters.store';
import { FilesService } from './files.service';
import { FindingsStore } from './findings.store';
import { HistoryStore } from './history.store';
import { InvoicesService } from './invoices.service';
import { KeysService } from './keys.service';
import { LicenseAdminService } from './license-admin.service';
import { LicenseBook } from './license-book';
import { LicenseWriter } from './license-writer.service';
import { LicensesService } from './licenses.service';
import { works } from './licensing.policy';
import { allowedOf } from './limits.policy';
import { type Count, LimitsService, type Taking } from './limits.service';
import { MeterService } from './meter.service';
import { Owners } from './owners';
import { Payments } from './payments';
import { PlanBook } from './plan-book';
import { PlansService } from './plans.service';
import { ProviderService } from './provider.service';
import { QuotasService } from './quotas.service';
import { RedisUsage } from './redis-usage.store';
import { RenewalsService } from './renewals.service';
import { ComplianceReports } from './reports.service';
import { SeatsService } from './seats.service';
import { StatesService } from './states.service';
import { SubscriptionStore } from './subscription.store';
import { noLicense, type Standing, standingOf } from './terms.policy';
import { TrialsService } from './trials.service';
import { UsageService } from './usage.service';
import { ValidationService } from './validation.service';

/** What an organisation may use, how much and until when. */
export class LicensingRoom {
  readonly licenses: LicensesService;
  readonly admin: LicenseAdminService;
  readonly plans: PlansService;
  readonly keys: KeysService;
  readonly files: FilesService;
  readonly activations: ActivationsService;
  readonly validation: ValidationService;
  readonly seats: SeatsService;
  readonly usage: UsageService;
  readonly metering: MeterService;
  readonly calls: CallsService;
  readonly billing: BillingService;
  readonly charges: ChargesService;
  readonly invoices: InvoicesService;
  readonly provider: ProviderService;
  readonly renewals: RenewalsService;
  readonly states: StatesService;
  readonly compliance: ComplianceService;
  readonly reports: ComplianceReports;
  private readonly book: LicenseBook;
  private readonly planBook: PlanBook;
  private readonly limits: LimitsService;
  private readonly trials: TrialsService;
  private readonly subscriptions: SubscriptionStore;

  constructor(private readonly hub: Hub) {
    const plans = new PlanBook();
    const clock = new ClockStore(hub);
    const history = new HistoryStore(hub);
    const counters = new CountersStore(hub);
    const redis = new RedisUsage(hub);
    const subscriptions = new SubscriptionStore(hub);
    const payments = new Payments(hub);
    const owners = new Owners(hub);
    const findings = new FindingsStore(hub);
    const book = new LicenseBook(hub, plans, clock);
    const writer = new LicenseWriter(hub, book, history);
    const limits = new LimitsService(hub, book, counters);
    const quotas = new QuotasService(hub, { book, counters, redis });
    const trials = new TrialsService(hub, plans, writer);
    const keys = new KeysService(hub, book);
    const seats = new SeatsService(hub, limits);
    const activations = new ActivationsService(hub, book);
    const licenses = new LicensesService(hub, { book, writer, history, limits, seats, subscriptions });
    const invoices = new InvoicesService(hub);
    const money = { subscriptions, payments, owners, invoices };
    const charges = new ChargesService(hub, { book, plans, writer, licenses, ...money });
    this.invoices = invoices;
    this.planBook = plans;
    this.book = book;
    this.limits = limits;
    this.trials = trials;
    this.subscriptions = subscriptions;
    this.licenses = licenses;
    this.keys = keys;
    this.seats = seats;
    this.activations = activations;
    this.charges = charges;
    this.admin = new LicenseAdminService(hub, { book, plans, writer, licenses, trials, keys });
    this.plans = new PlansService(hub, plans, book);
    this.files = new FilesService(hub, { book, plans, writer, licenses, clock, owners });
    this.validation = new ValidationService(hub, { book, keys, activations, limits, quotas });
    this.usage = new UsageService(hub, { book, counters, limits, quotas, seats });
    this.metering = new MeterService(hub, { quotas, counters, redis });
    this.calls = new CallsService(hub, quotas, counters);
    this.billing = new BillingService(hub, { book, plans, writer, licenses, limits, charges, subscriptions, owners });
    this.provider = new ProviderService(hub, { book, writer, charges, subscriptions, payments });
    this.renewals = new RenewalsService(hub, { book, charges, payments });
    this.states = new StatesService(hub, { book, writer, history, clock, limits, owners });
    this.compliance = new ComplianceService(hub, { book, limits, activations, findings });
    this.reports = new ComplianceReports(hub, { book, limits, findings });
  }

  /** What the licence gives at this moment; what it was read from is at most two seconds old. */
  async licenseOf(orgId: string): Promise<Standing> {
    const held = await this.book.of(orgId);
    return held ? standingOf(held, this.hub.now()) : noLicense;
  }

  /** Whether the licence works and holds a feature. */
  async holds(orgId: string, feature: Feature): Promise<boolean> {
    const standing = await this.licenseOf(orgId);
    return works(standing) && standing.features.has(feature);
  }

  /**
   * In the caller’s transaction: makes room for more of what is limited, or refuses.
   * @throws HubError 402 LICENSE_LIMIT_REACHED, or what the licence has become
   */
  take(orgId: string, limit: LicenseLimit, taking: Taking, after: After): Promise<void> {
    return this.limits.take(orgId, limit, taking, after);
  }

  /** In the caller’s transaction: there are fewer. */
  release(orgId: string, limit: LicenseLimit, removing = 1): Promise<void> {
    return this.limits.release(orgId, limit, removing);
  }

  /** A room says how many there really are of what it keeps. */
  count(limit: LicenseLimit, count: Count): void {
    this.limits.count(limit, count);
  }

  /**
   * Something was used; an event counts once, however often it is told.
   * @returns false where it counted before
   * @throws HubError 429 QUOTA_EXCEEDED
   */
  meter(orgId: string, feature: UsageFeature, quantity: number, eventId: string): Promise<boolean> {
    return this.metering.meter(orgId, feature, quantity, eventId);
  }

  /** Gives an organisation everything without an end, where it has no licence: for demos, benches and tests. */
  async giveAll(orgId: string): Promise<void> {
    const { id: planVersionId } = await this.planBook.newest('enterprise');
    const now = this.hub.now();
    await this.hub.pool.query(
      `INSERT IGNORE INTO licenses (org_id, id, type, plan_version_id, starts_at, term_start, anchor_day, overage, overrides,
         current_for, told_state, created_at) VALUES (?, ?, 'perpetual', ?, ?, ?, 1, 'always', '[]', ?, 'active', ?)`,
      [orgId, orgId, planVersionId, now, now, orgId, now],
    );
  }

  start(): void {
    const { hub } = this;
    hub.ports.limit = async (orgId, limit) => {
      const { limits, overage, state } = await this.licenseOf(orgId);
      return allowedOf(limits[limit], overage, state);
    };
    hub.changes.onChange(({ orgId, userId }) => {
      if (userId !== null) return;
      this.book.forget(orgId);
      this.calls.forget(orgId);
    });
    hub.use(people).hook({ onFound: (founded, after) => this.trials.begin(founded, after) });
    hub.use(configuration).hook({
      planOf: async (orgId) => (await this.licenseOf(orgId)).plan,
      // Integrations are removed without a word to this room.
      onAddIntegration: (orgId, { used, adding }, after) =>
        this.take(orgId, 'integrations', { seen: used, adding }, after),
    });
    this.limits.count('activations', (orgId) => this.activations.placed(orgId));
    this.seats.start();
    this.calls.start();
  }

  async stop(): Promise<void> {
    await this.calls.stop();
  }

  /** Every night: counters by what there is, and what is too old goes. */
  async reconcile(): Promise<void> {
    await this.metering.tidy();
    await this.subscriptions.tidy();
    for await (const orgId of this.book.everyOrganisation()) await this.limits.reconcile(orgId);
  }
}
