import { HUB, configurationLive, tellOrganisations } from '@loro/contracts/configuration';
import type { z } from 'zod';
import type { Hub } from '../../platform';

const AT_ONCE = 100;

/** Tells everybody what changed for the whole hub. */
export class AnnouncementsService {
  constructor(private readonly hub: Hub) {}

  /** A part of the organisations in one transaction, and a job for the rest: each is told once, wherever a worker dies. */
  async tell({ settings, flags, after: last }: z.output<typeof tellOrganisations.payload>): Promise<void> {
    const organisations = await this.hub.select<{ id: string }>(
      `SELECT id FROM organisations WHERE id > :last AND status <> 'closed' ORDER BY id LIMIT ${AT_ONCE}`,
      { last: last ?? '' },
    );
    await this.hub.transact(async (after) => {
      for (const { id } of organisations) {
        const to = { orgId: id, id };
        if (settings.length > 0)
          after.publish(configurationLive, 'config:changed', to, { keys: settings, level: 'platform', ownerId: HUB });
        if (flags.length > 0) after.publish(configurationLive, 'flag:changed', to, { keys: flags });
      }
      const end = organisations.at(-1);
      if (end && organisations.length === AT_ONCE) after.enqueue(tellOrganisations, { settings, flags, after: end.id });
    });
  }
}
