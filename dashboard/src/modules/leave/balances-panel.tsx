import type { LeaveBalance, LeaveEntry } from '@loro/contracts/leave-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { scopeOf, useMe } from '../../app/session';
import { usePages } from '../../app/use-pages';
import { formatCalendarDate } from '../../ui/format';
import { PersonField } from '../people/person-field';
import { daysText } from './leave-words';

/** What somebody has of each kind, and what moved it. */
export function BalancesPanel({ round }: { round: number }) {
  const me = useMe();
  const isOwn = scopeOf(me, 'leave.read') === 'own';
  const [chosen, setChosen] = useState<string | null>(null);
  const userId = chosen ?? me.user.id;
  const pages = usePages<LeaveBalance>((input) => hub.leave.balances({ userId, ...input }), {
    limit: 50,
    key: userId,
    round,
  });
  return (
    <div className="stack">
      <PagedPanel
        title={pages.rows?.[0]?.userName ?? 'Balances'}
        tools={isOwn ? undefined : <PersonField label="Of whom" onChange={setChosen} />}
        pages={pages}
        empty={{ icon: 'licence', title: 'No kinds of leave', text: 'Kinds of leave that count days stand here.' }}
      >
        {(rows) => (
          <ul className="row-list">
            {rows.map((balance) => (
              <li className="row" key={balance.typeId}>
                <span className="row-text">
                  <span>{balance.typeName}</span>
                  <span className="small muted num">{detailOf(balance)}</span>
                </span>
                <span className="row-end leave-left num">{daysText(balance.available)}</span>
              </li>
            ))}
          </ul>
        )}
      </PagedPanel>
      <Ledger userId={userId} round={round} />
    </div>
  );
}

function detailOf({ accrued, taken, reserved, expired, lots }: LeaveBalance): string {
  const next = lots.find(({ expiresOn, remaining }) => expiresOn !== null && remaining > 0);
  return [
    `${daysText(accrued)} given this year`,
    `${daysText(taken)} taken`,
    reserved > 0 && `${daysText(reserved)} asked for`,
    expired > 0 && `${daysText(expired)} expired`,
    next?.expiresOn && `${daysText(next.remaining)} until ${formatCalendarDate(next.expiresOn)}`,
  ]
    .filter(Boolean)
    .join(' · ');
}

const reasonTitles: Readonly<Record<LeaveEntry['reason'], string>> = {
  accrue: 'Given',
  consume: 'Taken',
  release: 'Given back',
  expire: 'Expired',
  carry_out: 'Carried to the next year',
  carry_in: 'Carried from the last year',
  adjust: 'By hand',
  encash: 'Paid out',
};

function Ledger({ userId, round }: { userId: string; round: number }) {
  const pages = usePages<LeaveEntry>((input) => hub.leave.ledger({ userId, ...input }), {
    limit: 15,
    key: userId,
    round,
  });
  return (
    <PagedPanel
      title="What moved it"
      pages={pages}
      empty={{ icon: 'journal', title: 'Nothing yet', text: 'Days that are given, taken or expire stand here.' }}
    >
      {(rows) => (
        <ul className="row-list">
          {rows.map(({ id, reason, delta, on, note }) => (
            <li className="row" key={id}>
              <span className="row-text">
                <span>{reasonTitles[reason]}</span>
                <span className="small muted">{[formatCalendarDate(on), note].filter(Boolean).join(' · ')}</span>
              </span>
              <span className="row-end num">
                {delta > 0 ? '+' : '−'}
                {daysText(Math.abs(delta))}
              </span>
            </li>
          ))}
        </ul>
      )}
    </PagedPanel>
  );
}
