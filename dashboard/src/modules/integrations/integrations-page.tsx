import { navigate, useRoute } from '../../app/routes';
import { Segments } from '../../ui/segments';
import { ServicesPanel } from './services-panel';
import { StoragePanel } from './storage-panel';
import { WebhooksPanel } from './webhooks-panel';

const views = [
  { choice: 'services', title: 'Services' },
  { choice: 'webhooks', title: 'Webhooks' },
  { choice: 'storage', title: 'Storage' },
] as const;

/** What the organisation connected: services that are called, addresses that hear of events, places for files. */
export function IntegrationsPage() {
  const { rest } = useRoute();
  const view = views.find(({ choice }) => choice === rest)?.choice ?? 'services';
  return (
    <div className="page">
      <header className="page-head">
        <h1 tabIndex={-1}>Connections</h1>
        <Segments
          legend="Show"
          choices={views}
          value={view}
          onChange={(choice) => navigate(`/integrations/${choice}`)}
        />
      </header>
      <div className="stack">
        {view === 'services' && <ServicesPanel />}
        {view === 'webhooks' && <WebhooksPanel />}
        {view === 'storage' && <StoragePanel />}
      </div>
    </div>
  );
}
