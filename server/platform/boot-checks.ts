import { catalog, errorRegistry } from '@loro/contracts/catalog';
import type { Access } from '@loro/contracts/kit/api';
import type { Demands } from '@loro/contracts/kit/demands';
import { features } from '@loro/contracts/kit/features';
import type { Hub } from './hub';

/** As feature flags are named. */
const FLAG = /^[a-z][a-z0-9.-]{0,79}$/;

/**
 * What must hold before a door opens: every route and call names a registered permission or says why it is public,
 * every error and stream is declared, and no two rooms claim the same path, call or kind of stream. Demands name features that a plan can hold and flags that
 * can exist, and nothing that is public demands anything.
 * @throws Error that lists everything wrong
 */
export function checkContracts(hub: Hub): void {
  const wrong: string[] = [];
  const permissions = new Set(catalog.flatMap((contract) => Object.keys(contract.permissions ?? {})));
  const seen = new Map<string, string>();
  const once = (thing: string, room: string) => {
    const other = seen.get(thing);
    if (other !== undefined && other !== room) wrong.push(`${thing} is declared by ${other} and by ${room}`);
    seen.set(thing, room);
  };
  const checkDemands = (row: string, { feature, flag }: Demands) => {
    if (feature !== undefined && !features.includes(feature))
      wrong.push(`${row} demands the feature ${feature}, which no plan holds`);
    if (flag !== undefined && !FLAG.test(flag)) wrong.push(`${row} demands the flag ${flag}, which cannot exist`);
  };
  const checkRow = (row: string, access: Access, demands: Demands, errors: readonly string[]) => {
    checkDemands(row, demands);
    const extras = [...('permission' in access ? ['a permission'] : []), ...Object.keys(demands)];
    if ('public' in access && extras.length > 0)
      wrong.push(`${row} is public and asks for something all the same: ${extras.join(', ')}`);
    if ('permission' in access && !permissions.has(access.permission))
      wrong.push(`${row} needs the permission ${access.permission}, which no room declares`);
    for (const code of errors) if (!(code in errorRegistry)) wrong.push(`${row} names the unknown error ${code}`);
  };

  for (const module of hub.modules) {
    const { name, api, live } = module.contract;
    for (const [row, endpoint] of Object.entries(api?.endpoints ?? {})) {
      once(`${endpoint.method} ${api?.prefix ?? ''}${endpoint.path}`, name);
      checkRow(`${name}.${row}`, endpoint.access, endpoint.demands, endpoint.errors);
    }
    if (api && !module.routes) wrong.push(`${name} has a REST table and no routes`);
    if (live && !module.live) wrong.push(`${name} has a live table and no namespace`);
    for (const [call, row] of Object.entries(live?.calls ?? {})) {
      once(`${live?.namespace ?? ''} ${call}`, name);
      checkRow(`${name} ${call}`, row.access, row.demands, row.errors);
    }
    for (const [kind, { permission, demands }] of Object.entries(live?.streams ?? {})) {
      checkDemands(`the stream ${kind}`, demands);
      if (!permissions.has(permission)) wrong.push(`the stream ${kind} needs the unknown permission ${permission}`);
    }
    for (const job of module.contract.jobs ?? []) once(`the job ${job.name}`, name);
    const handled = new Set(module.jobs?.(hub.use(module), hub).map(({ job }) => job.name));
    for (const job of module.contract.jobs ?? [])
      if (!handled.has(job.name)) wrong.push(`the job ${job.name} has no handler`);
  }
  if (wrong.length > 0) throw new Error(`The contracts do not hold:\n  ${wrong.join('\n  ')}`);
}
