import { configurationApi } from '@loro/contracts/configuration';
import { routes } from '../../platform';
import type { ConfigurationRoom } from './configuration.room';
import type { Changer } from './settings.service';

const by = ({ actor, token, ip }: Changer): Changer => ({ actor, token, ip });

export const configurationRoutes = ({ changeSets, effective, settings }: ConfigurationRoom) =>
  routes(configurationApi, {
    schema: ({ actor, query }) => effective.schema(actor, query),
    effective: ({ actor, query }) => effective.effective(actor, query),
    history: ({ actor, query }) => effective.history(actor, query),
    environment: ({ actor, query }) => effective.environment(actor, query),
    setForPlatform: (call) => settings.set(by(call), { ...call.params, ...call.body, level: 'platform' }, call.ifMatch),
    setForOrganisation: (call) =>
      settings.set(by(call), { ...call.params, ...call.body, level: 'organisation' }, call.ifMatch),
    setForBranch: (call) => settings.set(by(call), { ...call.params, ...call.body, level: 'branch' }, call.ifMatch),
    setForUser: (call) => settings.set(by(call), { ...call.params, ...call.body, level: 'user' }, call.ifMatch),
    clearForPlatform: (call) => settings.clear(by(call), { ...call.params, level: 'platform' }, call.ifMatch),
    clearForOrganisation: (call) => settings.clear(by(call), { ...call.params, level: 'organisation' }, call.ifMatch),
    clearForBranch: (call) => settings.clear(by(call), { ...call.params, level: 'branch' }, call.ifMatch),
    clearForUser: (call) => settings.clear(by(call), { ...call.params, level: 'user' }, call.ifMatch),
    rollback: (call) => changeSets.rollback(by(call), call.body),
    changeSets: ({ actor, query }) => changeSets.list(actor, query),
    changeSet: ({ actor, params }) => changeSets.get(actor, params.changeSetId),
    createChangeSet: (call) => changeSets.create(by(call), call.body),
    changeChangeSet: (call) => changeSets.change(by(call), call.params.changeSetId, call.ifMatch, call.body),
    applyChangeSet: (call) => changeSets.apply(by(call), call.params.changeSetId),
    removeChangeSet: (call) => changeSets.remove(by(call), call.params.changeSetId, call.ifMatch),
    export: ({ actor }) => changeSets.export(actor),
    import: (call) => changeSets.create(by(call), { items: call.body.items, isDraft: false, reason: 'import' }),
  });
