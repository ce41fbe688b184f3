import type { Hub } from '../../platform';
import { BlobsStore } from './blobs.store';
import { BundlesService } from './bundles.service';
import { ContentsService } from './contents.service';
import { DocumentsService, type SeesThing } from './documents.service';
import { FilingService } from './filing.service';
import { KeepingService } from './keeping.service';
import { PreviewsService } from './previews.service';
import { SharesService } from './shares.service';
import { UploadsService } from './uploads.service';

/** Files of every room: taken in, opened, kept. */
export class DocumentsRoom {
  readonly documents: DocumentsService;
  readonly filing: FilingService;
  readonly contents: ContentsService;
  readonly bundles: BundlesService;
  readonly keeping: KeepingService;
  readonly previews: PreviewsService;
  readonly shares: SharesService;
  readonly uploads: UploadsService;

  constructor(hub: Hub) {
    const blobs = new BlobsStore(hub);
    this.documents = new DocumentsService(hub);
    this.filing = new FilingService(hub, this.documents, blobs);
    this.contents = new ContentsService(hub, this.documents, blobs);
    this.bundles = new BundlesService(hub, this.documents, blobs);
    this.previews = new PreviewsService(hub, this.documents, blobs);
    this.keeping = new KeepingService(hub, this.documents, this.filing, blobs, this.previews);
    this.shares = new SharesService(hub, this.documents, this.contents);
    this.uploads = new UploadsService(hub, this.filing);
  }

  /** Rooms say who sees their things, so that documents linked to one are seen with it. */
  linksTo(ownerType: string, sees: SeesThing): void {
    this.documents.linksTo(ownerType, sees);
  }
}
