import { configurationLive } from '@loro/contracts/configuration';
import { integrationsLive } from '@loro/contracts/integrations';
import { namespace } from '../../platform';
import type { ConfigurationRoom } from './configuration.room';

export const configurationNamespace = (room: ConfigurationRoom) =>
  namespace(configurationLive, {
    auto: ({ orgId, userId, homeBranchId }) => [
      ['settings', orgId],
      ['settings', userId],
      ...(homeBranchId === null ? [] : [['settings', homeBranchId] as ['settings', string]]),
    ],
    streams: { settings: { subject: (actor, id) => room.subjectOf(actor, id) } },
    calls: {},
  });

export const integrationsNamespace = () =>
  namespace(integrationsLive, {
    auto: ({ orgId }) => [['integrations', orgId]],
    streams: { integrations: { subject: async ({ orgId }, id) => (id === orgId ? {} : null) } },
    calls: {},
  });
