import type { Permission } from '@loro/contracts/catalog';
import type { Demands } from '@loro/contracts/kit/demands';
import type { StreamClass } from '@loro/contracts/kit/live';
import type { Actor } from '../actor';
import { type AccessToken, allow, type AuthPorts, may } from '../auth/ports';
import { HubError, NotFound } from '../errors';
import type { LiveNamespace, StreamSource } from './namespace';

/** What a kind of stream is, and where it is spoken. */
export interface StreamDefinition {
  readonly namespace: string;
  readonly class: StreamClass;
  readonly permission: Permission;
  readonly demands: Demands;
  readonly source: StreamSource;
}

/** Somebody who wants to hear, and what lets him in. */
export interface Hearer {
  readonly actor: Actor;
  readonly token: AccessToken;
}

/** A definition and the subject that one stream is about. */
export interface FoundStream extends StreamDefinition {
  readonly id: string;
}

/** Finds streams by name and asks who may hear them: once, for sockets and for HTTP alike. */
export class StreamDirectory {
  private readonly kinds = new Map<string, StreamDefinition>();

  constructor(
    parts: readonly LiveNamespace[],
    private readonly ports: AuthPorts,
  ) {
    for (const { contract, streams } of parts)
      for (const [kind, { class: streamClass, permission, demands }] of Object.entries(contract.streams)) {
        const source = streams[kind];
        if (!source) continue;
        const { namespace } = contract;
        const other = this.kinds.get(kind);
        // A name says nothing of its namespace, so a kind that lives in two could not be told apart.
        if (other && other.namespace !== namespace)
          throw new Error(`streams of the kind ${kind} are declared in ${other.namespace} and in ${namespace}`);
        this.kinds.set(kind, {
          namespace,
          class: streamClass,
          // The boot has checked that every permission named in a contract is registered.
          permission: permission as Permission,
          // A key hears what it was given the permission for.
          demands: { ...demands, apiKey: true },
          source,
        });
      }
  }

  kind(kind: string): StreamDefinition | undefined {
    return this.kinds.get(kind);
  }

  /** Another organisation's stream is not there, whatever its kind. */
  find(actor: Actor, stream: string): FoundStream | null {
    const [orgId, kind = '', id = '', ...rest] = stream.split(':');
    const found = this.kinds.get(kind);
    if (!found || orgId !== actor.orgId || id === '' || rest.length > 0) return null;
    return { ...found, id };
  }

  /**
   * The stream, for somebody who may hear it.
   * @throws NotFound for a stream that is not there or out of the actor's reach
   * @throws HubError for an actor without its permission, or whose licence, plan or flags keep it shut
   */
  async open({ actor, token }: Hearer, stream: string): Promise<FoundStream> {
    const found = this.find(actor, stream);
    const subject = found && (await found.source.subject(actor, found.id));
    if (!found || !subject) throw new NotFound('This stream');
    await this.ports.admit(actor, token, found.demands, found.permission);
    allow(actor, found.permission, { ...subject, what: 'This stream' });
    return found;
  }

  /** The same question as a yes or no. */
  async mayHear(hearer: Hearer, stream: string): Promise<boolean> {
    const { actor } = hearer;
    const found = this.find(actor, stream);
    const subject = found && (await found.source.subject(actor, found.id));
    if (!found || !subject || !may(actor, found.permission, subject)) return false;
    return this.isOpen(hearer, found);
  }

  /** Whether streams of this kind are open to somebody at all. */
  async isOpen({ actor, token }: Hearer, { demands, permission }: StreamDefinition): Promise<boolean> {
    try {
      await this.ports.admit(actor, token, demands, permission);
      return true;
    } catch (error) {
      if (error instanceof HubError && error.status < 500) return false;
      throw error;
    }
  }
}
