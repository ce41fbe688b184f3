import type { Explanation, FeatureFlag } from '@loro/contracts/flags';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { usePermission } from '../../app/session';
import { useAction } from '../../app/use-action';
import { usePages } from '../../app/use-pages';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { formatMoment } from '../../ui/format';

interface FlagRowData {
  readonly flag: FeatureFlag;
  /** What it is for this organisation; null for who may not ask why. */
  readonly why: Explanation | null;
}

/** The flags that the signed-in person sees, and what they are for the own organisation. */
export function FlagsPanel({ round }: { round: number }) {
  const mayExplain = usePermission('flags.explain');
  const pages = usePages<FlagRowData>(
    async (input) => {
      const { data, page } = await hub.flags.list(input);
      const rows = data.map(async (flag) => ({
        flag,
        why: mayExplain ? await hub.flags.explain({ key: flag.key }) : null,
      }));
      return { data: await Promise.all(rows), page };
    },
    { limit: 15, round },
  );
  return (
    <PagedPanel
      title="Flags"
      pages={pages}
      empty={{ icon: 'check', title: 'No flags', text: 'The hub has none that your organisation may switch.' }}
    >
      {(rows) => (
        <ul className="row-list">
          {rows.map((row) => (
            <li key={row.flag.key}>
              <FlagRow {...row} onChange={pages.retry} />
            </li>
          ))}
        </ul>
      )}
    </PagedPanel>
  );
}

function FlagRow({ flag, why, onChange }: FlagRowData & { onChange: () => void }) {
  const maySwitch = usePermission('flags.override') && flag.isTenantControllable && flag.archivedAt === null;
  const { busy, run } = useAction();
  const { key, description } = flag;
  const act = async (name: string, work: () => Promise<unknown>) => {
    if (await run(name, work)) onChange();
  };
  const isOn = why?.isOn ?? false;
  return (
    <div className="row flag">
      <div className="row-text">
        <span className="mono flag-key">{key}</span>
        <span className="small muted">{description}</span>
        {why && <Why flag={flag} why={why} />}
      </div>
      <div className="row-end">
        {why && <Badge tone={isOn ? 'good' : 'neutral'}>{isOn ? 'on' : 'off'}</Badge>}
        {maySwitch && (
          <Button
            busy={busy === 'switch'}
            aria-label={`Switch ${key} ${isOn ? 'off' : 'on'}`}
            onClick={() => void act('switch', () => hub.flags.override({ key, isOn: !isOn }))}
          >
            Switch {isOn ? 'off' : 'on'}
          </Button>
        )}
        {maySwitch && why?.reason === 'org_override' && (
          <Button
            kind="quiet"
            busy={busy === 'clear'}
            aria-label={`Let the rules decide about ${key}`}
            onClick={() => void act('clear', () => hub.flags.clearOverride({ key }))}
          >
            Let the rules decide
          </Button>
        )}
      </div>
    </div>
  );
}

const reasons: Readonly<Record<Explanation['reason'], string>> = {
  unknown: 'The hub does not know it.',
  archived: 'It was switched off for good.',
  disabled: 'It is not switched on for anybody.',
  killed: 'It was switched off for everybody at once.',
  not_licensed: 'The plan does not hold what it needs.',
  prerequisite: 'It waits for another flag.',
  user_override: 'It was switched for this person.',
  org_override: 'Your organisation switched it.',
  rule: 'A rule of the hub matches.',
  default: 'No rule matches.',
};

function Why({ flag, why }: { flag: FeatureFlag; why: Explanation }) {
  return (
    <details className="small">
      <summary>Why</summary>
      <p>{reasons[why.reason]}</p>
      <ul className="muted">
        {why.rule !== null && <li>Rule {why.rule + 1}</li>}
        {why.prerequisite !== null && <li>Waits for {why.prerequisite}</li>}
        {why.variant !== null && <li>Variant {why.variant}</li>}
        {why.buckets.map(({ rule, bucket }) => (
          <li key={rule}>
            Rule {rule + 1} asks for a share: this organisation is in {bucket ?? 'no'} of 100
          </li>
        ))}
        {flag.requiredFeature !== null && <li>Needs {flag.requiredFeature} in the plan</li>}
        {flag.expiresOn !== null && <li>Ends {formatMoment(flag.expiresOn)}</li>}
      </ul>
    </details>
  );
}
