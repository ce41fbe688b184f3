interface Question {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

export interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** Takes what its caller sends as what the caller's side of the bench sends: both are compiled from one source. */
type Handler = (params: never) => unknown;

/** The child's half of `Remote`: answers the parent's calls, and ends with it. */
export function serve(
  handlers: Readonly<Record<string, Handler>>,
  facts: Readonly<Record<string, unknown>> = {},
): void {
  process.on('message', (message) => void answer(handlers, message as Question));
  process.once('disconnect', () => process.exit(0));
  process.once('SIGTERM', () => process.exit(0));
  process.send?.({ ready: true, ...facts });
}

async function answer(handlers: Readonly<Record<string, Handler>>, { id, method, params }: Question): Promise<void> {
  const reply = (given: Omit<Answer, 'id'>) => process.send?.({ id, ...given });
  try {
    const handler = handlers[method];
    if (!handler) throw new Error('is not a method of this program');
    reply({ result: await handler(params as never) });
  } catch (error) {
    reply({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
