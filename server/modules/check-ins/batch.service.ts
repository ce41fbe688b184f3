import type { BatchAnswer } from '@loro/contracts/check-ins-records';
import { MAX_BATCH, RecordCheckIn } from '@loro/contracts/check-ins-values';
import { errorRegistry } from '@loro/contracts/catalog';
import { type Actor, fieldErrors, HubError } from '../../platform';
import type { RecordingService } from './recording.service';

type Result = BatchAnswer['results'][number];

/** What a phone recorded while nobody heard it: each item is judged for itself, in the order in which it was made. */
export class BatchService {
  constructor(private readonly recording: RecordingService) {}

  async take(actor: Actor, items: readonly unknown[]): Promise<BatchAnswer> {
    if (items.length > MAX_BATCH)
      throw new HubError('BATCH_TOO_LARGE', `Send at most ${MAX_BATCH} at once; these are ${items.length}.`);
    const results: Result[] = [];
    for (const item of items) results.push(await this.one(actor, item));
    return { results };
  }

  private async one(actor: Actor, item: unknown): Promise<Result> {
    const clientId = clientIdOf(item);
    const parsed = RecordCheckIn.safeParse(item);
    if (!parsed.success) {
      const errors = fieldErrors(parsed.error);
      const named = errors.map(({ path }) => path || 'the item').join(', ');
      return { clientId, ok: false, error: told(new HubError('VALIDATION_FAILED', `Wrong: ${named}.`, { errors })) };
    }
    try {
      return { clientId, ok: true, recorded: await this.recording.record(actor, parsed.data) };
    } catch (error) {
      // A database that is away is no answer to an item: the phone has to send all of it again.
      if (!(error instanceof HubError)) throw error;
      return { clientId, ok: false, error: told(error) };
    }
  }
}

const told = ({ code, status, message, details }: HubError): NonNullable<Result['error']> => ({
  code,
  status,
  title: errorRegistry[code]?.title ?? code,
  detail: message,
  ...(details.errors && { errors: details.errors }),
});

function clientIdOf(item: unknown): string | null {
  const found: unknown = typeof item === 'object' && item !== null && 'clientId' in item ? item.clientId : null;
  return typeof found === 'string' ? found.slice(0, 64) : null;
}
