import type { PlanPreview } from '@loro/contracts/licensing-billing';
import { hub } from '../../app/hub';
import { describeProblem } from '../../app/problem';
import { useMe, usePermission } from '../../app/session';
import { useAction } from '../../app/use-action';
import { useRequest } from '../../app/use-request';
import { Dialog } from '../../ui/dialog';
import { formatMoment } from '../../ui/format';
import { Failed, Skeleton } from '../../ui/panel';
import { toast } from '../../ui/toast';
import { featureTitle, priceText, quantity } from './words';

interface PreviewDialogProps {
  plan: { readonly code: string; readonly name: string };
  onClose: () => void;
  onTaken: () => void;
}

/** What another plan costs and changes, before anything does; who may buy takes it from here. */
export function PreviewDialog({ plan, onClose, onTaken }: PreviewDialogProps) {
  const { user, organisation } = useMe();
  // Buying is the owner's own doing, whatever others may.
  const mayBuy = usePermission('license.buy') && organisation.ownerId === user.id;
  const { busy, run } = useAction();
  const request = useRequest(plan.code, () => hub.licensing.previewPlan({ plan: plan.code }));
  const isBuyable = mayBuy && request.state === 'ready' && request.data.kind !== 'same';
  const take = async () => {
    if (!isBuyable) return onClose();
    if (!(await run('take', () => hub.licensing.takePlan({ plan: plan.code })))) return;
    toast({ title: `${plan.name} is chosen`, tone: 'good' });
    onTaken();
    onClose();
  };
  return (
    <Dialog
      title={`What ${plan.name} would change`}
      submit={isBuyable ? `Take ${plan.name}` : 'All right'}
      busy={busy !== null}
      onClose={onClose}
      onSubmit={(event) => {
        event.preventDefault();
        void take();
      }}
    >
      {request.state === 'loading' && <Skeleton lines={2} label="Asking what it costs" />}
      {request.state === 'failed' && <Failed {...describeProblem(request.error)} onRetry={request.retry} />}
      {request.state === 'ready' && <Preview preview={request.data} />}
    </Dialog>
  );
}

const kinds: Readonly<Record<PlanPreview['kind'], string>> = {
  begin: 'A whole term is bought now.',
  upgrade: 'It takes over at once; what is left of the term is counted.',
  downgrade: 'It takes over when the term ends.',
  same: 'This is the plan in force.',
};

function Preview({ preview: { kind, at, priceNow, nextPrice, gained, lost, over } }: { preview: PlanPreview }) {
  return (
    <div className="stack">
      <p>{kinds[kind]}</p>
      <dl className="facts">
        <div>
          <dt>From</dt>
          <dd>{formatMoment(at)}</dd>
        </div>
        <div>
          <dt>To pay now</dt>
          <dd className="num">{priceText(priceNow)}</dd>
        </div>
        <div>
          <dt>Each term after that</dt>
          <dd className="num">{priceText(nextPrice)}</dd>
        </div>
      </dl>
      <Difference title="It brings" {...gained} />
      <Difference title="It takes away" {...lost} />
      {over.length > 0 && (
        <div>
          <h3 className="small">There is too much for it</h3>
          <ul className="small muted">
            {over.map(({ limit, used, allowed }) => (
              <li key={limit}>
                {featureTitle(limit)}: {quantity(limit, used)} of {quantity(limit, allowed)}; nothing is deleted, and
                none can be added
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

interface DifferenceProps {
  title: string;
  features: readonly string[];
  limits: PlanPreview['gained']['limits'];
}

function Difference({ title, features, limits }: DifferenceProps) {
  const changed = Object.entries(limits);
  if (features.length === 0 && changed.length === 0) return null;
  return (
    <div>
      <h3 className="small">{title}</h3>
      <ul className="small muted">
        {changed.map(([limit, value]) => (
          <li key={limit}>
            {featureTitle(limit)}: {quantity(limit, value)}
          </li>
        ))}
        {features.map((feature) => (
          <li key={feature}>{featureTitle(feature)}</li>
        ))}
      </ul>
    </div>
  );
}
