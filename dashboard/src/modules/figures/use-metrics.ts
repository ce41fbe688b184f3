import type { MetricDef } from '@loro/contracts/activity-metrics';
import { hub } from '../../app/hub';
import { type Request, useRequest } from '../../app/use-request';

/** Every metric there is, those of the hub first. */
export function useMetrics(): Request<readonly MetricDef[]> {
  return useRequest('metrics', async () => {
    const defs: MetricDef[] = [];
    for await (const { data } of hub.activity.pages('metricDefs', { limit: 200 })) defs.push(...data);
    return defs;
  });
}

const digits = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
export const valueText = (value: number | null, unit = ''): string =>
  value === null ? 'nothing' : `${digits.format(value)}${unit === '' ? '' : ` ${unit}`}`;
