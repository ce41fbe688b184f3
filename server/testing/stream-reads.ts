import type { Note } from './notes';
import type { Person, TestNode } from './test-hub';

interface Given {
  readonly offset?: string;
  readonly live?: string;
  readonly cursor?: string;
  readonly timeout?: number;
}

/** `GET /api/v1/streams/{stream}` of a node, as anybody with a token would send it. */
export function readStream(
  { gateway }: TestNode,
  person: Pick<Person, 'token'>,
  stream: string,
  given: Given = {},
  init: RequestInit = {},
): Promise<Response> {
  const url = new URL(`${gateway.url}/api/v1/streams/${stream}`);
  for (const [name, value] of Object.entries(given)) url.searchParams.set(name, String(value));
  const headers = { authorization: `Bearer ${person.token}`, ...(init.headers as Record<string, string>) };
  return fetch(url, { ...init, headers });
}

/** What the notes of an answer say. */
export const textsIn = async (response: Response): Promise<string[]> =>
  ((await response.json()) as [string, Note, unknown][]).map(([, { text }]) => text);

export const nextOf = (response: Response): string => response.headers.get('stream-next-offset') ?? '';

interface ServerSent {
  readonly event: string;
  readonly data: unknown;
}

/** Server-sent events as they come; comments are passed over. */
export async function* serverSent(response: Response): AsyncGenerator<ServerSent> {
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ''; ;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const event = field('event');
      if (event !== undefined) yield { event, data: JSON.parse(field('data') ?? 'null') };
    }
  }
}
