import type { Evidence } from '@loro/contracts/check-ins-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { useMe } from '../../app/session';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { Field } from '../../ui/field';
import { formatMoment } from '../../ui/format';
import { Panel } from '../../ui/panel';
import { toast } from '../../ui/toast';
import { useForm } from '../auth/use-form';
import { reaches } from '../people/reach';
import './review.css';

/** Accepting or rejecting, each with a reason that the person gets to read. */
export function DecisionForm({ evidence, onDecided }: { evidence: Evidence; onDecided: () => void }) {
  const me = useMe();
  const { id: checkInId, userId, branchId, status, reviewReason, reviewedAt } = evidence;
  const [reason, setReason] = useState('');
  const [isVoiding, setVoiding] = useState(false);
  const isOwn = userId === me.user.id;
  const mayVoid = reaches(me, 'check-ins.void', { homeBranchId: branchId });
  const decide = (decision: 'accepted' | 'rejected') => async () => {
    await hub.checkIns.review({ checkInId, decision, reason });
    toast({ title: decision === 'accepted' ? 'It counts' : 'It does not count', tone: 'good' });
    onDecided();
  };
  const accept = useForm(decide('accepted'));
  const reject = useForm(decide('rejected'));
  const makeVoid = useForm(async () => {
    setVoiding(false);
    await hub.checkIns.void({ checkInId, reason });
    toast({ title: 'It is void', tone: 'good' });
    onDecided();
  });
  const wrong = accept.errors['reason'] ?? reject.errors['reason'] ?? makeVoid.errors['reason'];
  if (isOwn)
    return (
      <Panel>
        <p className="muted">This is your own: somebody else has to look at it.</p>
      </Panel>
    );
  const isOpen = status === 'flagged' || status === 'received';
  return (
    <Panel title={isOpen ? 'The decision' : 'It was decided'}>
      <div className="stack">
        {!isOpen && (
          <p>
            {status === 'accepted' ? 'It counts.' : 'It does not count.'}{' '}
            <span className="muted">
              {reviewReason} {reviewedAt && formatMoment(reviewedAt)}
            </span>
          </p>
        )}
        {(isOpen || mayVoid) && status !== 'voided' && (
          <Field label="Why" error={wrong} hint="The person reads it.">
            {(control) => (
              <textarea
                {...control}
                className="input"
                rows={2}
                maxLength={500}
                value={reason}
                onChange={(event) => setReason(event.target.value)}
              />
            )}
          </Field>
        )}
        <div className="actions">
          {isOpen && (
            <>
              <Button kind="primary" icon="check" busy={accept.isBusy} onClick={() => accept.submit()}>
                Accept
              </Button>
              <Button kind="danger" busy={reject.isBusy} onClick={() => reject.submit()}>
                Reject
              </Button>
            </>
          )}
          {mayVoid && status !== 'voided' && (
            <Button kind="quiet" onClick={() => setVoiding(true)}>
              Make it void
            </Button>
          )}
        </div>
      </div>
      {isVoiding && (
        <Confirm
          title="Make it void?"
          submit="Make it void"
          busy={makeVoid.isBusy}
          onClose={() => setVoiding(false)}
          onConfirm={() => makeVoid.submit()}
        >
          It counts for nothing any more, and this cannot be undone.
        </Confirm>
      )}
    </Panel>
  );
}
