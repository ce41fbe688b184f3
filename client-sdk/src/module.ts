import type { ModuleTable } from './names';
import { StreamSubscription } from './subscription';
import type { Echoes } from './transport/echoes';
import type { Listener } from './transport/channel';
import type { Link } from './transport/link';
import type { Rest } from './transport/rest';
import type { CallOptions, ListenOptions, Log, ModuleClient, SubscribeOptions } from './types';
import { ulid } from './ulid';
import { whoOf, type WhoParts } from './who';

/** What the modules of one hub share. */
export interface Core extends WhoParts {
  readonly rest: Rest;
  readonly link: Link;
  readonly log: Log;
  readonly echoes: Echoes;
  /** By the name that the app gave the module. */
  readonly tables: Readonly<Record<string, ModuleTable | undefined>>;
}

/** Makes a module's client for a hub. */
export interface ModuleFactory<Client extends object> {
  (core: Core): Client;
  readonly table?: ModuleTable | undefined;
}

/** @example const checkIns = defineModule<typeof checkInsContract>({ prefix: '/check-ins', endpoints: { … }, live: { … } }) */
export const defineModule = <C>(table: ModuleTable): ModuleFactory<ModuleClient<C> & object> =>
  // The table was made from the contract that gives the client its types.
  Object.assign((core: Core) => moduleClient(core, table) as ModuleClient<C> & object, { table });

type Input = Readonly<Record<string, unknown>>;

function moduleClient(core: Core, table: ModuleTable): object {
  const { rest, link, storage, echoes } = core;
  const { prefix = '', endpoints = {}, live } = table;
  const methods = Object.fromEntries(
    Object.entries(endpoints).map(([name, row]) => [
      name,
      (input?: Input, options?: CallOptions) => rest.call(prefix, row, input, options),
    ]),
  );

  async function* pages(name: string, input: Input = {}): AsyncGenerator<unknown, void, undefined> {
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const page = await methods[name]?.({ ...input, ...(cursor !== undefined && { cursor }) });
      cursor = nextCursorOf(page);
      yield page;
    }
  }
  if (!live) return { ...methods, pages };

  const channel = () => link.channel(live.namespace);
  return {
    ...methods,
    pages,
    call: (name: string, input: unknown, { id = ulid() }: { id?: string } = {}) => channel().call(name, input, id),
    on: (event: string, listener: Listener, { echoes: wanted = true }: ListenOptions = {}) =>
      channel().on(event, wanted ? listener : (data, meta) => !echoes.has(meta.cause) && listener(data, meta)),
    subscribe: (kind: string, id: string, options: SubscribeOptions = {}) =>
      new StreamSubscription({ channel: channel(), who: whoOf(core), storage }, kind, id, options),
  };
}

function nextCursorOf(page: unknown): string | null {
  // Every list of the contracts answers with a page.
  const { nextCursor } = (page as { page: { nextCursor: string | null } }).page;
  return nextCursor;
}
