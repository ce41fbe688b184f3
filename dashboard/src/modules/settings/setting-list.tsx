import type { EffectiveValue, SettingInfo } from '@loro/contracts/configuration-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { Link } from '../../app/routes';
import { usePages } from '../../app/use-pages';
import { useRequest } from '../../app/use-request';
import { Badge } from '../../ui/badge';
import { SelectField } from '../../ui/field';
import { Icon } from '../../ui/icons';
import { queryOf, type SettingScope } from './scope';
import { areaOf, nameOf, sourceTitles, valueText } from './values';

interface SettingListProps {
  scope: SettingScope;
  scopes: readonly SettingScope[];
  onScope: (ownerId: string) => void;
  openKey: string | null;
  round: number;
}

const PAGE = 30;

export function SettingList({ scope, scopes, onScope, openKey, round }: SettingListProps) {
  const [area, setArea] = useState('');
  const infos = useInfos();
  const keys = infos.filter(({ key }) => areaOf(key) === area).map(({ key }) => key);
  const filter = { ...queryOf(scope), ...(keys.length > 0 && { keys: keys.join(',') }) };
  const pages = usePages<EffectiveValue>((input) => hub.configuration.effective({ ...filter, ...input }), {
    limit: PAGE,
    key: JSON.stringify(filter),
    round,
  });
  return (
    <PagedPanel
      title="What holds"
      tools={
        <>
          <SelectField label="Area" value={area} onChange={(event) => setArea(event.target.value)}>
            <option value="">All areas</option>
            {[...new Set(infos.map(({ key }) => areaOf(key)))].map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </SelectField>
          <SelectField label="For" value={scope.ownerId} onChange={(event) => onScope(event.target.value)}>
            {scopes.map(({ ownerId, title }) => (
              <option key={ownerId} value={ownerId}>
                {title}
              </option>
            ))}
          </SelectField>
        </>
      }
      pages={pages}
      empty={{ icon: 'settings', title: 'No settings', text: 'There is nothing here that you may see.' }}
    >
      {(rows) => (
        <ul className="row-list">
          {rows.map((row, at) => (
            <li key={row.key}>
              {areaOf(row.key) !== areaOf(rows[at - 1]?.key ?? '') && <h3 className="area">{areaOf(row.key)}</h3>}
              <SettingRow row={row} info={infos.find(({ key }) => key === row.key)} isOpen={row.key === openKey} />
            </li>
          ))}
        </ul>
      )}
    </PagedPanel>
  );
}

interface SettingRowProps {
  row: EffectiveValue;
  info: SettingInfo | undefined;
  isOpen: boolean;
}

function SettingRow({ row: { key, value, last4, source, isLocked }, info, isOpen }: SettingRowProps) {
  return (
    <Link className="row" href={`/settings/${key}`} aria-current={isOpen ? 'true' : undefined}>
      <span className="row-text">
        <span>{nameOf(key)}</span>
        <span className="small muted">{info?.description}</span>
      </span>
      <span className="setting-end">
        <span className="setting-value truncate">{valueText(value, last4)}</span>
        <span className="row-end">
          {isLocked && (
            <span title="Locked" className="setting-lock">
              <Icon name="lock" size={14} />
              <span className="visually-hidden">Locked</span>
            </span>
          )}
          <Badge tone={source === 'default' ? 'neutral' : 'info'}>{sourceTitles[source]}</Badge>
        </span>
      </span>
    </Link>
  );
}

/** Every setting there is; they change with the hub alone. */
export function useInfos(): readonly SettingInfo[] {
  const request = useRequest('settings', async () => {
    const infos: SettingInfo[] = [];
    for await (const { data } of hub.configuration.pages('schema', { limit: 200 })) infos.push(...data);
    return infos;
  });
  return request.state === 'ready' ? request.data : [];
}
