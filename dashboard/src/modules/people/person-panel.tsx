import type { Branch } from '@loro/contracts/branches';
import type { SeenUser } from '@loro/contracts/people-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { describeProblem } from '../../app/problem';
import { Link } from '../../app/routes';
import { useMe } from '../../app/session';
import { useAction } from '../../app/use-action';
import { useHeard } from '../../app/use-heard';
import { useRequest } from '../../app/use-request';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { formatCalendarDate, formatMoment } from '../../ui/format';
import { Failed, Panel, Skeleton } from '../../ui/panel';
import { toast } from '../../ui/toast';
import { PersonRoles } from './person-roles';
import { ProfileDialog } from './profile-dialog';
import { reaches } from './reach';
import { StatusBadge } from './status-badge';

interface PersonPanelProps {
  personId: string;
  branches: readonly Branch[];
  onChange: () => void;
}

/** One person as far as the signed-in one sees him, with what can be done about him. */
export function PersonPanel({ personId, branches, onChange }: PersonPanelProps) {
  const request = useRequest(personId, () => hub.people.get({ userId: personId }));
  useHeard(
    (heard) => {
      const one = ({ id }: { id: string }) => id === personId && heard();
      return [
        hub.people.on('user:activated', one),
        hub.people.on('user:updated', one),
        hub.people.on('user:suspended', one),
        hub.people.on('user:deactivated', one),
      ];
    },
    () => request.reload(),
  );
  if (request.state === 'loading') {
    return (
      <Panel>
        <Skeleton lines={4} label="Loading the person" />
      </Panel>
    );
  }
  if (request.state === 'failed') {
    return (
      <Panel>
        <Failed {...describeProblem(request.error)} onRetry={request.retry} />
      </Panel>
    );
  }
  const changed = () => {
    request.reload();
    onChange();
  };
  return (
    <>
      <Known person={request.data} branches={branches} onChange={changed} />
      <PersonRoles person={request.data} branches={branches} />
    </>
  );
}

interface KnownProps {
  person: SeenUser;
  branches: readonly Branch[];
  onChange: () => void;
}

function Known({ person, branches, onChange }: KnownProps) {
  const { name, status } = person;
  return (
    <Panel title={name} aside={status && <StatusBadge status={status} />}>
      <div className="stack">
        <dl className="facts">
          {factsOf(person, branches).map(([title, value]) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd>{value}</dd>
            </div>
          ))}
          {person.managerId && (
            <div>
              <dt>Manager</dt>
              <dd>
                <Link href={`/people/${person.managerId}`}>Open</Link>
              </dd>
            </div>
          )}
        </dl>
        <Edit person={person} branches={branches} onChange={onChange} />
        <Standing person={person} onChange={onChange} />
      </div>
    </Panel>
  );
}

/** For who may change people, and for the person. */
function Edit({ person, branches, onChange }: KnownProps) {
  const me = useMe();
  const [isEditing, setEditing] = useState(false);
  const isSelf = person.id === me.user.id;
  const isWriter = reaches({ ...me, user: { ...me.user, id: '' } }, 'people.write', person);
  if (!isSelf && !isWriter) return null;
  return (
    <div className="actions">
      <Button onClick={() => setEditing(true)}>Change the profile</Button>
      {isEditing && (
        <ProfileDialog
          person={person}
          branches={branches}
          isWriter={isWriter}
          isSelf={isSelf}
          onClose={() => setEditing(false)}
          onSaved={onChange}
        />
      )}
    </div>
  );
}

function factsOf(person: SeenUser, branches: readonly Branch[]): readonly (readonly [string, string])[] {
  const { profile } = person;
  const address = profile?.address;
  const facts: readonly (readonly [string, string | null | undefined])[] = [
    ['E-mail', person.email],
    ['Phone', person.phone],
    ['Job', person.jobTitle],
    ['Home branch', branches.find(({ id }) => id === person.homeBranchId)?.name],
    ['Employee number', person.employeeNo],
    ['Here since', person.startedOn && formatCalendarDate(person.startedOn)],
    ['Here until', person.endedOn && formatCalendarDate(person.endedOn)],
    ['Last seen', person.lastSeenAt && formatMoment(person.lastSeenAt)],
    ['Left', person.deactivatedAt && formatMoment(person.deactivatedAt)],
    [
      'Address',
      address && [address.street, address.postalCode, address.city, address.country].filter(Boolean).join(', '),
    ],
    ['Birthday', profile?.birthday && formatCalendarDate(profile.birthday)],
    [
      'In an emergency',
      profile?.emergencyContact && `${profile.emergencyContact.name}, ${profile.emergencyContact.phone}`,
    ],
    ['Skills', profile?.skills?.join(', ')],
    ...Object.entries(profile?.customFields ?? {}).map(([name, value]) => [name, String(value)] as const),
  ];
  return facts.flatMap(([title, value]) => (value ? [[title, value] as const] : []));
}

type Step = 'resend' | 'suspend' | 'reactivate' | 'deactivate';

const steps: Readonly<Record<Step, { title: string; from: readonly SeenUser['status'][]; warning?: string }>> = {
  resend: { title: 'Send the invitation again', from: ['invited'] },
  reactivate: { title: 'Let in again', from: ['suspended', 'deactivated'] },
  suspend: {
    title: 'Suspend',
    from: ['active'],
    warning: 'All sessions end at once, and nobody signs in with this account until it is let in again.',
  },
  deactivate: {
    title: 'Deactivate',
    from: ['invited', 'pending_verification', 'active', 'suspended'],
    warning: 'Sessions end and the seat is free. It can be taken back for thirty days.',
  },
};
const order = ['resend', 'reactivate', 'suspend', 'deactivate'] as const;

function Standing({ person, onChange }: { person: SeenUser; onChange: () => void }) {
  const me = useMe();
  const { busy, run } = useAction();
  const [asked, setAsked] = useState<Step | null>(null);
  const { id, name, status } = person;
  const isOwner = me.organisation.ownerId === id;
  if (id === me.user.id || status === undefined || !reaches(me, 'people.write', person)) return null;

  const take = async (step: Step) => {
    const input = { userId: id };
    const work = {
      resend: () => hub.people.resendInvite(input),
      suspend: () => hub.people.suspend(input),
      reactivate: () => hub.people.reactivate(input),
      deactivate: () => hub.people.deactivate(input),
    };
    const isDone = await run(step, work[step]);
    setAsked(null);
    if (!isDone) return;
    if (step === 'resend') toast({ title: 'The invitation is on its way', tone: 'good' });
    onChange();
  };
  const open = order.filter((step) => steps[step].from.includes(status) && (step === 'reactivate' || !isOwner));
  if (open.length === 0) return null;
  return (
    <div className="actions">
      {open.map((step) => (
        <Button
          key={step}
          kind={step === 'deactivate' ? 'danger' : 'plain'}
          busy={busy === step}
          onClick={() => (steps[step].warning === undefined ? void take(step) : setAsked(step))}
        >
          {steps[step].title}
        </Button>
      ))}
      {asked && (
        <Dialog
          title={`${steps[asked].title}: ${name}?`}
          submit={steps[asked].title}
          danger
          busy={busy === asked}
          onClose={() => setAsked(null)}
          onSubmit={(event) => {
            event.preventDefault();
            void take(asked);
          }}
        >
          <p className="muted">{steps[asked].warning}</p>
        </Dialog>
      )}
    </div>
  );
}
