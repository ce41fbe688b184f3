import type { MatrixPlan } from '@loro/contracts/licensing-plans';
import { useState } from 'react';
import type { z } from 'zod';
import { hub } from '../../app/hub';
import { describeProblem } from '../../app/problem';
import { usePermission } from '../../app/session';
import { useRequest } from '../../app/use-request';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Icon } from '../../ui/icons';
import { Failed, Panel, Skeleton } from '../../ui/panel';
import { PreviewDialog } from './preview-dialog';
import { featureTitle, priceText, quantity } from './words';

type Plan = z.infer<typeof MatrixPlan>;

/** The plans side by side; the one in force is marked. */
export function PlansPanel({ round, onChange }: { round: number; onChange: () => void }) {
  const mayQuote = usePermission('license.quote');
  const request = useRequest(`plans ${round}`, () => hub.licensing.matrix());
  const [asked, setAsked] = useState<Plan | null>(null);
  return (
    <Panel title="Plans compared" flush>
      {request.state === 'loading' && <Skeleton label="Loading the plans" />}
      {request.state === 'failed' && <Failed {...describeProblem(request.error)} onRetry={request.retry} />}
      {request.state === 'ready' && <Matrix {...request.data} onAsk={mayQuote ? setAsked : null} />}
      {asked && <PreviewDialog plan={asked} onClose={() => setAsked(null)} onTaken={onChange} />}
    </Panel>
  );
}

interface MatrixProps {
  features: readonly string[];
  plans: readonly Plan[];
  /** Null for who may not ask what another plan costs. */
  onAsk: ((plan: Plan) => void) | null;
}

function Matrix({ features, plans, onAsk }: MatrixProps) {
  const limits = [...new Set(plans.flatMap((plan) => Object.keys(plan.limits)))];
  return (
    <div className="table-scroll" tabIndex={0} role="group" aria-label="Plans compared">
      <table className="table matrix">
        <caption className="visually-hidden">What each plan holds</caption>
        <thead>
          <tr>
            <td />
            {plans.map((plan) => (
              <th key={plan.code} scope="col" data-current={plan.isCurrent || undefined}>
                <span className="matrix-name">{plan.name}</span>
                <span className="small muted">
                  {priceText(plan.price)} {plan.interval === 'custom' ? 'a term' : `a ${plan.interval}`}
                </span>
                {plan.isCurrent && <Badge tone="good">yours</Badge>}
                {!plan.isCurrent && onAsk && (
                  <Button aria-label={`What ${plan.name} would change`} onClick={() => onAsk(plan)}>
                    Preview
                  </Button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {limits.map((limit) => (
            <tr key={limit}>
              <th scope="row">{featureTitle(limit)}</th>
              {plans.map((plan) => (
                <td key={plan.code} className="num" data-current={plan.isCurrent || undefined}>
                  {quantity(limit, limitOf(plan, limit))}
                </td>
              ))}
            </tr>
          ))}
          {features.map((feature) => (
            <tr key={feature}>
              <th scope="row">{featureTitle(feature)}</th>
              {plans.map((plan) => (
                <td key={plan.code} data-current={plan.isCurrent || undefined}>
                  <Holds isHeld={plan.features.includes(feature)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const limitOf = ({ limits }: Plan, name: string): number | null =>
  Object.entries(limits).find(([limit]) => limit === name)?.[1] ?? null;

function Holds({ isHeld }: { isHeld: boolean }) {
  return (
    <span className={isHeld ? 'holds' : 'muted'}>
      {isHeld ? <Icon name="check" size={18} /> : '–'}
      <span className="visually-hidden">{isHeld ? 'yes' : 'no'}</span>
    </span>
  );
}
