import type { IntegrationConfig } from '@loro/contracts/integrations';
import { createTransport } from 'nodemailer';
import { type Hub, HubError, probeStore, S3Store } from '../../platform';
import type { Credentials } from './secrets.store';

export interface Probed {
  readonly isOk: boolean;
  /** For the person who connected the service; holds nothing that the service answered. */
  readonly detail: string;
}

type Over<K> = Extract<IntegrationConfig, { kind: K }>;
type OverHttp = Over<'sms' | 'push' | 'maps' | 'payment' | 'calendar' | 'webhook'>;

const SMTP_MS = 10_000;

/** Asks a service whether it is there and takes the secret. During an overlap the earlier secret counts as well. */
export async function probe(hub: Hub, config: IntegrationConfig, credentials: Credentials | null): Promise<Probed> {
  const first = await once(hub, config, credentials?.secret ?? null);
  if (first.isOk || credentials?.previous == null) return first;
  const second = await once(hub, config, credentials.previous);
  return second.isOk ? { isOk: true, detail: 'answers, with the earlier secret only' } : first;
}

async function once(hub: Hub, config: IntegrationConfig, secret: string | null): Promise<Probed> {
  try {
    return { isOk: true, detail: await ask(hub, config, secret) };
  } catch (error) {
    return { isOk: false, detail: sentence(error) };
  }
}

async function ask(hub: Hub, config: IntegrationConfig, secret: string | null): Promise<string> {
  switch (config.kind) {
    case 'smtp':
      return askSmtp(hub, config, secret);
    case 'storage':
      await probeStore(
        new S3Store(
          { ...config, prefix: '', secretAccessKey: secret ?? '', encryption: 'none', kmsKeyId: null },
          hub.outgoing,
        ),
      );
      return 'a file was written, read and deleted';
    case 'sso':
      return askIssuer(hub, config);
    default:
      return askHttp(hub, config, secret);
  }
}

async function askHttp(hub: Hub, config: OverHttp, secret: string | null): Promise<string> {
  const { status } = await hub.outgoing.text(config.url, { headers: credentialsOf(config, secret), redirects: true });
  if (status >= 400) throw new Error(`answered ${status}`);
  return `answered ${status}`;
}

function credentialsOf({ authorization, header, user = '' }: OverHttp, secret: string | null): Record<string, string> {
  if (secret === null) return {};
  switch (authorization) {
    case 'none':
      return {};
    case 'bearer':
      return { authorization: `Bearer ${secret}` };
    case 'basic':
      return { authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}` };
    case 'header':
      return { [header]: secret };
  }
}

async function askIssuer(hub: Hub, { issuer }: Over<'sso'>): Promise<string> {
  const { status, text } = await hub.outgoing.text(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    redirects: true,
  });
  if (status !== 200) throw new Error(`answered ${status}`);
  const found: unknown = JSON.parse(text);
  const said = typeof found === 'object' && found !== null && 'issuer' in found ? found.issuer : undefined;
  if (said !== issuer) throw new Error('names another issuer');
  return 'its configuration was read';
}

/** The connection goes to the address that was looked at; the certificate must be for the name. */
async function askSmtp(hub: Hub, { host, port, security, user }: Over<'smtp'>, secret: string | null): Promise<string> {
  const { address } = await hub.outgoing.pin(host);
  const transport = createTransport({
    host: address,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    tls: { servername: host },
    connectionTimeout: SMTP_MS,
    greetingTimeout: SMTP_MS,
    socketTimeout: SMTP_MS,
    ...(user !== undefined && { auth: { user, pass: secret ?? '' } }),
  });
  try {
    await transport.verify();
    return 'the mail server answers';
  } finally {
    transport.close();
  }
}

/** What went wrong without what the service said, which may hold anything. */
function sentence(error: unknown): string {
  if (error instanceof HubError) return error.message;
  if (!(error instanceof Error)) return 'did not answer';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'did not answer in time';
  if ('responseCode' in error && typeof error.responseCode === 'number') return `answered ${error.responseCode}`;
  if ('code' in error && typeof error.code === 'string') return `could not be reached (${error.code})`;
  if (error instanceof SyntaxError) return 'answered something else than JSON';
  return error.message.slice(0, 200);
}
