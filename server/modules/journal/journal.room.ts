import type { JournalSubject } from '@loro/contracts/journal-entries';
import { sealEntries } from '@loro/contracts/journal-live';
import { shipEntries } from '@loro/contracts/journal-outlets';
import type { After, Hub } from '../../platform';
import { configuration } from '../configuration';
import { AlertsService } from './alerts.service';
import { CheckpointService } from './checkpoints.service';
import { EntryStore } from './entry.store';
import { ExportService } from './export.service';
import { GatherService } from './gather.service';
import { HistoryService, type MayRead } from './history.service';
import { KeepingService } from './keeping.service';
import { LifeService } from './life.service';
import { MeasureStore } from './measure.store';
import { NotesService } from './notes.service';
import { OperationStore } from './operation.store';
import { OutletsService } from './outlets.service';
import { OutsideAnchors } from './outside-anchors.service';
import { OperationsService } from './operations.service';
import { PersonalStore } from './personal.store';
import { Presenter } from './presenter';
import { RecorderService } from './recorder.service';
import { RetentionService } from './retention.service';
import { SealerService } from './sealer.service';
import { SearchService } from './search.service';
import { Signer } from './signer';
import { VerifyService } from './verify.service';

const POKE_MS = 250;
const SHIP_MS = 5_000;

/** The room's subjects: telling, sealing, checking, reading and keeping. */
export class JournalRoom {
  readonly personal: PersonalStore;
  readonly recorder: RecorderService;
  readonly sealer: SealerService;
  readonly checkpoints: CheckpointService;
  readonly verify: VerifyService;
  readonly search: SearchService;
  readonly history: HistoryService;
  readonly notes: NotesService;
  readonly operations: OperationsService;
  readonly gather: GatherService;
  readonly keeping: KeepingService;
  readonly exports: ExportService;
  readonly retention: RetentionService;
  readonly alerts: AlertsService;
  readonly outlets: OutletsService;
  readonly outside: OutsideAnchors;
  readonly life: LifeService;
  private readonly measures: MeasureStore;
  private poke: NodeJS.Timeout | undefined;

  constructor(private readonly hub: Hub) {
    const entries = new EntryStore(hub);
    const lines = new OperationStore(hub);
    const signer = new Signer(hub);
    this.measures = new MeasureStore(hub);
    this.personal = new PersonalStore(hub);
    const presenter = new Presenter(this.personal);
    this.recorder = new RecorderService(hub, this.personal, () => this.wakeSealer());
    this.outside = new OutsideAnchors(hub);
    this.checkpoints = new CheckpointService(hub, { entries, signer, outside: this.outside });
    this.outlets = new OutletsService(hub, entries);
    this.life = new LifeService(hub);
    this.sealer = new SealerService(hub, this.checkpoints);
    this.verify = new VerifyService(hub, { entries, checkpoints: this.checkpoints, operations: lines, signer });
    this.search = new SearchService(hub, entries, presenter);
    this.history = new HistoryService(hub, { entries, presenter, search: this.search });
    this.notes = new NotesService(hub, this.recorder, presenter);
    this.operations = new OperationsService(hub, lines, this.measures, this.search);
    this.gather = new GatherService(hub, { operations: lines, measures: this.measures, recorder: this.recorder });
    this.keeping = new KeepingService(hub, this.personal);
    this.exports = new ExportService(hub, { entries, presenter, signer });
    this.alerts = new AlertsService(hub, entries, this.personal);
    this.retention = new RetentionService(hub, {
      entries,
      measures: this.measures,
      exports: this.exports,
      anchors: this.checkpoints.anchors,
      yearsOf: (orgId) => hub.use(configuration).value('journal.retention-years', { orgId }),
    });
  }

  /** A room says who may read its things, for the history of them. */
  readable(type: string, mayRead: MayRead): void {
    this.history.readable(type, mayRead);
  }

  /** For other rooms, in their transaction: destroys the key of a subject. @throws Conflict JOURNAL_LEGAL_HOLD */
  erase(orgId: string, subject: JournalSubject, after: After): Promise<void> {
    return this.keeping.eraseSubject(orgId, subject, after);
  }

  async start(): Promise<void> {
    this.hub.ports.record = async (notes, caller) => {
      await this.recorder.record(notes, caller);
    };
    this.hub.witness = this.gather;
    this.gather.start();
    await this.life.begin();
  }

  async stop(): Promise<void> {
    clearTimeout(this.poke);
    await this.life.end();
    await this.gather.stop();
  }

  /** A little later, when the transaction that told something has committed; the tick of the worker is the other way. */
  private wakeSealer(): void {
    if (this.poke) return;
    this.poke = setTimeout(() => {
      this.poke = undefined;
      this.hub.poke(sealEntries, POKE_MS);
      this.hub.poke(shipEntries, SHIP_MS);
    }, POKE_MS);
    this.poke.unref();
  }
}
