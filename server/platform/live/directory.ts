import type { Permission } from '@loro/contracts/catalog';
import type { StreamClass } from '@loro/contracts/kit/live';
import type { Actor } from '../actor';
import { allow, may } from '../auth/ports';
import { NotFound } from '../errors';
import type { LiveNamespace, StreamSource } from './namespace';

/** What a kind of stream is, and where it is spoken. */
export interface StreamDefinition {
  readonly namespace: string;
  readonly class: StreamClass;
  readonly permission: Permission;
  readonly source: StreamSource;
}

/** A definition and the subject that one stream is about. */
export interface FoundStream extends StreamDefinition {
  readonly id: string;
}

/** Finds streams by name and asks who may hear them: once, for sockets and for HTTP alike. */
export class StreamDirectory {
  private readonly kinds = new Map<string, StreamDefinition>();

  constructor(parts: readonly LiveNamespace[]) {
    for (const { contract, streams } of parts)
      for (const [kind, { class: streamClass, permission }] of Object.entries(contract.streams)) {
        const source = streams[kind];
        if (!source) continue;
        const { namespace } = contract;
        const other = this.kinds.get(kind);
        // A name says nothing of its namespace, so a kind that lives in two could not be told apart.
        if (other && other.namespace !== namespace)
          throw new Error(`streams of the kind ${kind} are declared in ${other.namespace} and in ${namespace}`);
        // The boot has checked that every permission named in a contract is registered.
        this.kinds.set(kind, { namespace, class: streamClass, permission: permission as Permission, source });
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
   * @throws Forbidden for an actor without its permission
   */
  async open(actor: Actor, stream: string): Promise<FoundStream> {
    const found = this.find(actor, stream);
    const subject = found && (await found.source.subject(actor, found.id));
    if (!found || !subject) throw new NotFound('This stream');
    allow(actor, found.permission, { ...subject, what: 'This stream' });
    return found;
  }

  /** The same question as a yes or no. */
  async mayHear(actor: Actor, stream: string): Promise<boolean> {
    const found = this.find(actor, stream);
    const subject = found && (await found.source.subject(actor, found.id));
    return found !== null && subject !== null && may(actor, found.permission, subject);
  }
}
