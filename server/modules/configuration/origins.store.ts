import type { Hub } from '../../platform';
import type { ValuesService } from './values.service';
import type { ConfigVersions } from './versions.store';

const KEY = 'security.allowed-origins';
const MAX_AGE_MS = 600_000;

/** Origins of pages that any organisation lets in: asked by browsers ahead, before anybody is known. */
export class OriginsStore {
  private known: { readonly origins: Promise<ReadonlySet<string>>; readonly until: number } | undefined;

  constructor(
    private readonly hub: Hub,
    private readonly values: ValuesService,
    versions: ConfigVersions,
  ) {
    versions.onChange(() => (this.known = undefined));
  }

  /** For an organisation, or for any of them. */
  async allows(origin: string, orgId: string | null): Promise<boolean> {
    if (orgId !== null) return (await this.values.value(KEY, { orgId })).includes(origin);
    const now = this.hub.now().getTime();
    if (!this.known || this.known.until <= now) this.known = { origins: this.load(), until: now + MAX_AGE_MS };
    return (await this.known.origins).has(origin);
  }

  private async load(): Promise<ReadonlySet<string>> {
    try {
      const rows = await this.hub.reads.all<{ value: string }>(
        "SELECT value FROM config_values WHERE level = 'organisation' AND name = ? AND value IS NOT NULL",
        [KEY],
      );
      // Written as the setting's own schema reads them: a list of texts.
      return new Set(rows.flatMap(({ value }) => JSON.parse(value) as string[]));
    } catch (error) {
      this.known = undefined;
      throw error;
    }
  }
}
