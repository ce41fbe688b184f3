import { createServer, type Server as HttpServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkContracts } from './boot-checks';
import { createApp } from './http/app';
import type { Hub } from './hub';
import { Gateway } from './live/gateway';
import { presence } from './live/presence';
import { operator } from './observe/operator';

const REQUESTS_END_MS = 3_000;

export interface RunningGateway {
  readonly http: HttpServer;
  readonly gateway: Gateway;
  readonly port: number;
  readonly url: string;
}

/** Opens a hub's doors: REST, documents, pages and sockets on one port. */
export async function openGateway(hub: Hub, dashboard: string): Promise<RunningGateway> {
  checkContracts(hub);
  await hub.start();
  const gateway = new Gateway(hub.live, {
    nodeName: hub.config.NODE_NAME,
    origins: hub.config.CORS_ORIGINS,
    trustProxy: hub.config.TRUST_PROXY,
    authenticator: hub.authenticator,
    ports: hub.ports,
    changes: hub.changes,
    commands: hub.commands,
    streams: hub.streams,
    metrics: hub.metrics,
    load: hub.load,
    redis: hub.redis,
    log: hub.log,
    witness: () => hub.witness,
    now: hub.now,
  });
  const answer = createApp(hub, dashboard).callback();
  const http = createServer((request, response) => void answer(request, response));
  const underWay = new Set<ServerResponse>();
  http.on('request', (_request, response) => {
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
  });
  // A header every ten seconds would otherwise hold a connection for ever.
  http.requestTimeout = 30_000;
  http.headersTimeout = 15_000;
  gateway.attach(
    http,
    hub.modules.flatMap((module) => module.live?.(hub.use(module)) ?? []),
  );
  hub.tellSession = (device, ...said) => gateway.sessions.tell(device, ...said);
  gateway.sessions.watch = hub.use(presence);
  hub.watchers.start(hub.live.io);
  hub.shutdown.add('watchers', () => hub.watchers.stop());
  hub.use(operator).attach(gateway);
  hub.metrics.gauge('loro_live_connections', 'Open connections', () => gateway.connections);
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(hub.config.PORT, hub.config.HOST, resolve);
  });
  hub.shutdown.add('sockets', () => gateway.drain());
  hub.shutdown.add('http', async () => {
    http.close();
    http.closeIdleConnections();
    // Sockets are not waited for: they are sent away by the next step.
    const deadline = performance.now() + REQUESTS_END_MS;
    while (underWay.size > 0 && performance.now() < deadline) await sleep(20);
  });
  // Listening on a port, its address is an AddressInfo.
  const { port } = http.address() as AddressInfo;
  return { http, gateway, port, url: `http://127.0.0.1:${port}` };
}
