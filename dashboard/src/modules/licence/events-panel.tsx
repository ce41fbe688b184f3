import type { LicenseEvent } from '@loro/contracts/licensing-values';
import type { z } from 'zod';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { useMe } from '../../app/session';
import { usePages } from '../../app/use-pages';
import { formatMoment } from '../../ui/format';

type Happened = z.infer<typeof LicenseEvent>;

/** What became of the licence. */
export function EventsPanel({ round }: { round: number }) {
  const pages = usePages<Happened>((input) => hub.licensing.events(input), { limit: 10, round });
  const { user } = useMe();
  return (
    <PagedPanel
      title="What became of it"
      pages={pages}
      empty={{ icon: 'journal', title: 'Nothing yet', text: 'Changes of the licence stand here.' }}
    >
      {(rows) => (
        <ul className="row-list">
          {rows.map(({ id, type, at, actorId }) => (
            <li className="row" key={id}>
              <span className="row-text">
                <span>{wordsOf(type)}</span>
                <span className="small muted">
                  {formatMoment(at)} · {byWhom(actorId, user.id)}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </PagedPanel>
  );
}

/** Whoever runs the hub changes licences too, and has no name here. */
function byWhom(actorId: string | null, ownId: string): string {
  if (actorId === null) return 'the hub';
  return actorId === ownId ? 'you' : 'somebody else';
}

/** `license.plan-taken` reads as "Plan taken". */
function wordsOf(type: string): string {
  const words = (type.split('.').at(-1) ?? type).replaceAll(/[-_]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
