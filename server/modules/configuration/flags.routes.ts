import { flagsApi } from '@loro/contracts/flags';
import { routes } from '../../platform';
import type { ConfigurationRoom } from './configuration.room';

export const flagsRoutes = ({ flagBook, overrides }: ConfigurationRoom) =>
  routes(flagsApi, {
    list: ({ actor, query }) => flagBook.list(actor, query),
    evaluate: ({ actor }) => overrides.evaluate(actor),
    get: ({ actor, params }) => flagBook.get(actor, params.key),
    create: ({ actor, body }) => flagBook.create(actor, body),
    change: ({ actor, params, ifMatch, body }) => flagBook.change(actor, params.key, ifMatch, body),
    addRule: ({ actor, params, body }) => flagBook.addRule(actor, params.key, body),
    archive: ({ actor, params }) => flagBook.archive(actor, params.key),
    remove: ({ actor, params, ifMatch }) => flagBook.remove(actor, params.key, ifMatch),
    override: ({ actor, params, body }) => overrides.set(actor, params.key, body),
    clearOverride: ({ actor, params }) => overrides.clear(actor, params.key, null),
    clearOverrideOf: ({ actor, params }) => overrides.clear(actor, params.key, params.userId),
    explain: ({ actor, params, query }) => overrides.explain(actor, params.key, query),
    usage: ({ actor, params, query }) => flagBook.usage(actor, params.key, query),
  });
