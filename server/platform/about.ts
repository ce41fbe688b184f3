import { type About, hubApi, hubContract } from '@loro/contracts/hub';
import { defineModule, type Hub } from './hub';
import { routes } from './http/routes';
import { version } from './version';

class AboutService {
  private demoPeople: About['demo'] = null;

  constructor(private readonly hub: Hub) {}

  /** Names the sign-ins of the demo company; ignored where the hub is not a demo. */
  showDemo(demo: NonNullable<About['demo']>): void {
    if (this.hub.config.LORO_DEMO) this.demoPeople = demo;
  }

  async about(): Promise<About> {
    return { name: 'Loro Hub', version, mapStyleUrl: this.hub.config.MAP_STYLE_URL ?? null, demo: this.demoPeople };
  }
}

/** What a hub says of itself. It stands in the platform because no room owns it. */
export const about = defineModule({
  name: 'hub',
  contract: hubContract,
  models: [],
  service: (hub) => new AboutService(hub),
  routes: (service) => routes(hubApi, { about: () => service.about() }),
});
