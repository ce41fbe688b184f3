import { applyScheduled, findStaleFlags, flushFlagUsage, tellOrganisations } from '@loro/contracts/configuration';
import { checkIntegrations } from '@loro/contracts/integrations';
import { migrateStorage } from '@loro/contracts/storage-targets';
import { deliverWebhook, tidyDeliveries } from '@loro/contracts/webhooks';
import { handle } from '../../platform';
import type { ConfigurationRoom } from './configuration.room';

export const configurationJobs = ({ announcements, changeSets, flagBook, usage }: ConfigurationRoom) => [
  handle(applyScheduled, () => changeSets.applyDue()),
  handle(tellOrganisations, (payload) => announcements.tell(payload)),
  handle(findStaleFlags, () => flagBook.tellStale()),
  handle(flushFlagUsage, () => usage.flush()),
];

export const integrationsJobs = ({ integrations }: ConfigurationRoom) => [
  handle(checkIntegrations, () => integrations.checkAll()),
];

export const storageTargetsJobs = ({ migrations }: ConfigurationRoom) => [
  handle(migrateStorage, async ({ orgId, migrationId }, { lastAttempt }) => {
    try {
      await migrations.goOn(orgId, migrationId);
    } catch (error) {
      if (lastAttempt) await migrations.giveUp(orgId, migrationId, error instanceof Error ? error.message : '');
      throw error;
    }
  }),
];

export const webhooksJobs = ({ deliveries }: ConfigurationRoom) => [
  handle(deliverWebhook, ({ orgId, deliveryId, attempt }) => deliveries.deliver(orgId, deliveryId, attempt)),
  handle(tidyDeliveries, () => deliveries.forgetOld()),
];
