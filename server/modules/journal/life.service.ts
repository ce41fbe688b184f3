import { QueryTypes } from 'sequelize';
import type { Hub } from '../../platform';
import { HUB_JOURNAL } from './draft.policy';

/** What happens to the hub itself: nodes that start and stop, changes of the database. In the journal of the hub. */
export class LifeService {
  constructor(private readonly hub: Hub) {}

  async begin(): Promise<void> {
    await this.tellMigrations();
    await this.tellNode('started');
  }

  /** A node that cannot say that it stops stops all the same. */
  async end(): Promise<void> {
    await this.tellNode('stopped').catch((error: unknown) =>
      this.hub.log.warn({ err: error }, 'the journal was not told that this node stops'),
    );
  }

  private async tellNode(what: 'started' | 'stopped'): Promise<void> {
    await this.hub.transact(async (after) =>
      after.record({
        type: 'system_event',
        action: `node.${what}`,
        severity: 'notice',
        orgId: HUB_JOURNAL,
        entity: { type: 'node', id: this.hub.config.NODE_NAME },
        data: { process: this.hub.nodeId },
      }),
    );
  }

  /** Of nodes that start at one time, one tells of each migration. */
  private async tellMigrations(): Promise<void> {
    await this.hub.transact(async (after) => {
      const done = await this.hub.select<{ name: string }>(
        `SELECT m.name FROM migrations m LEFT JOIN journal_told_migrations t ON t.name = m.name
         WHERE t.name IS NULL ORDER BY m.name`,
      );
      const told: string[] = [];
      for (const { name } of done) {
        const [, added] = await this.hub.sequelize.query(
          'INSERT IGNORE INTO journal_told_migrations (name, told_at) VALUES (:name, :now)',
          { replacements: { name, now: this.hub.now() }, type: QueryTypes.UPDATE },
        );
        if (added > 0) told.push(name);
      }
      if (told.length === 0) return;
      after.record({
        type: 'system_event',
        action: 'migrations.applied',
        severity: 'notice',
        orgId: HUB_JOURNAL,
        entity: { type: 'database', id: 'schema' },
        data: { count: told.length, last: told.at(-1), names: told.slice(-100) },
      });
    });
  }
}
