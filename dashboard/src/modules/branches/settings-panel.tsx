import type { Branch } from '@loro/contracts/branches';
import type { EffectiveValue } from '@loro/contracts/configuration-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { useMe } from '../../app/session';
import { useHeard } from '../../app/use-heard';
import { usePages } from '../../app/use-pages';
import { useRequest } from '../../app/use-request';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { maySet, type SettingScope } from '../settings/scope';
import { SettingDialog } from '../settings/setting-dialog';
import { useInfos } from '../settings/setting-list';
import { areaOf, nameOf, sourceTitles, valueText } from '../settings/values';

/** What can be set for a branch, and what holds there. */
export function BranchSettingsPanel({ branch }: { branch: Branch }) {
  const me = useMe();
  const infos = useInfos();
  const scope: SettingScope = { level: 'branch', ownerId: branch.id, title: branch.name };
  const [openKey, setOpen] = useState<string | null>(null);
  const pages = usePages<EffectiveValue>((input) => hub.branches.settings({ branchId: branch.id, ...input }), {
    limit: 30,
    key: branch.id,
  });
  useHeard((heard) => [hub.configuration.on('config:changed', heard)], pages.retry);
  return (
    <>
      <PagedPanel
        title="What holds here"
        pages={pages}
        empty={{ icon: 'settings', title: 'No settings', text: 'Nothing can be set for a branch.' }}
      >
        {(rows) => (
          <ul className="row-list">
            {rows.map(({ key, value, last4, source, isLocked }) => (
              <li className="row" key={key}>
                <span className="row-text">
                  <span>
                    {areaOf(key)}: {nameOf(key)}
                  </span>
                  <span className="small muted">{infos.find((info) => info.key === key)?.description}</span>
                </span>
                <span className="row-end">
                  <span>{valueText(value, last4)}</span>
                  <Badge tone={source === 'branch' ? 'info' : 'neutral'}>{sourceTitles[source]}</Badge>
                  {maySet(me, scope) && !(isLocked && source !== 'branch') && (
                    <Button kind="quiet" aria-label={`Change ${nameOf(key)}`} onClick={() => setOpen(key)}>
                      Change
                    </Button>
                  )}
                </span>
              </li>
            ))}
          </ul>
        )}
      </PagedPanel>
      {openKey !== null && (
        <OneSetting
          key={openKey}
          settingKey={openKey}
          scope={scope}
          onClose={() => setOpen(null)}
          onChange={pages.retry}
        />
      )}
    </>
  );
}

interface OneSettingProps {
  settingKey: string;
  scope: SettingScope;
  onClose: () => void;
  onChange: () => void;
}

/** The dialog needs to know what is set at this very level, which the list does not say. */
function OneSetting({ settingKey, scope, onClose, onChange }: OneSettingProps) {
  const info = useInfos().find(({ key }) => key === settingKey);
  const request = useRequest(settingKey, async () => {
    const query = { keys: settingKey, explain: 'true' as const, limit: 1, branchId: scope.ownerId };
    return (await hub.configuration.effective(query)).data[0];
  });
  if (!info || request.state !== 'ready' || !request.data) return null;
  const { chain = [], value } = request.data;
  const own = chain.find(({ level, ownerId }) => level === 'branch' && ownerId === scope.ownerId);
  return <SettingDialog info={info} scope={scope} own={own} now={value} onClose={onClose} onChange={onChange} />;
}
