import { integrationsApi } from '@loro/contracts/integrations';
import { storageTargetsApi } from '@loro/contracts/storage-targets';
import { webhooksApi } from '@loro/contracts/webhooks';
import { routes } from '../../platform';
import type { ConfigurationRoom } from './configuration.room';

export const integrationsRoutes = ({ integrations }: ConfigurationRoom) =>
  routes(integrationsApi, {
    list: ({ actor, query }) => integrations.list(actor, query),
    get: ({ actor, params }) => integrations.get(actor, params.integrationId),
    create: ({ actor, body }) => integrations.create(actor, body),
    change: ({ actor, params, ifMatch, body }) => integrations.change(actor, params.integrationId, ifMatch, body),
    remove: ({ actor, params, ifMatch }) => integrations.remove(actor, params.integrationId, ifMatch),
    test: ({ actor, params }) => integrations.test(actor, params.integrationId),
    rotate: ({ actor, params, body }) => integrations.rotate(actor, params.integrationId, body),
  });

export const storageTargetsRoutes = ({ storage, migrations }: ConfigurationRoom) =>
  routes(storageTargetsApi, {
    list: ({ actor, query }) => storage.list(actor, query),
    get: ({ actor, params }) => storage.get(actor, params.storageTargetId),
    create: ({ actor, body }) => storage.create(actor, body),
    change: ({ actor, params, ifMatch, body }) => storage.change(actor, params.storageTargetId, ifMatch, body),
    remove: ({ actor, params, ifMatch }) => storage.remove(actor, params.storageTargetId, ifMatch),
    test: ({ actor, params }) => storage.test(actor, params.storageTargetId),
    rotate: ({ actor, params, body }) => storage.rotate(actor, params.storageTargetId, body),
    migrate: ({ actor, params, body }) => migrations.start(actor, params.storageTargetId, body.toId),
    migration: ({ actor, params }) => migrations.get(actor, params.storageTargetId, params.migrationId),
  });

export const webhooksRoutes = ({ webhooks }: ConfigurationRoom) =>
  routes(webhooksApi, {
    list: ({ actor, query }) => webhooks.list(actor, query),
    get: ({ actor, params }) => webhooks.get(actor, params.webhookId),
    create: ({ actor, body }) => webhooks.create(actor, body),
    change: ({ actor, params, ifMatch, body }) => webhooks.change(actor, params.webhookId, ifMatch, body),
    remove: ({ actor, params, ifMatch }) => webhooks.remove(actor, params.webhookId, ifMatch),
    rotate: ({ actor, params, body }) => webhooks.rotate(actor, params.webhookId, body.overlapHours),
    test: ({ actor, params }) => webhooks.test(actor, params.webhookId),
    deliveries: ({ actor, params, query }) => webhooks.deliveries(actor, params.webhookId, query),
    redeliver: ({ actor, params }) => webhooks.redeliver(actor, params.webhookId, params.deliveryId),
  });
