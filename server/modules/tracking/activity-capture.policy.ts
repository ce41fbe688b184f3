/** What an event of the hub says was done, in the words of activity. */
export interface Captured {
  readonly verb: string;
  readonly objectType: string;
  readonly objectId: string | null;
  readonly branchId: string | null;
  /** Whom the event is about; who did it stands in its caller. */
  readonly userId: string | null;
}

/** Events that only say again what another one said, or that nobody did. */
const NOT_DONE = new Set(['branches:changed', 'alert:firing', 'alert:resolved', 'goal:at-risk', 'report:progressed']);
/** Kinds of streams whose id is a branch. */
const OF_BRANCH = new Set(['branch', 'notices', 'yard', 'review']);
const WORD = /^[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*$/;
const ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

/** @returns null where nothing was done */
export function capturedOf({ event, stream, data }: { event: string; stream: string; data: unknown }): Captured | null {
  const [objectType = '', verb = ''] = event.split(':');
  if (NOT_DONE.has(event) || !WORD.test(objectType) || !WORD.test(verb)) return null;
  const [, kind = '', subject = ''] = stream.split(':');
  const fields = typeof data === 'object' && data !== null ? data : {};
  const branchId = idOf(fields, 'branchId') ?? (OF_BRANCH.has(kind) && ID.test(subject) ? subject : null);
  return {
    verb,
    objectType,
    objectId: idOf(fields, 'id') ?? idOf(fields, `${camel(objectType)}Id`) ?? null,
    branchId,
    userId: idOf(fields, 'userId') ?? null,
  };
}

function idOf(fields: object, name: string): string | undefined {
  const value: unknown = Reflect.get(fields, name);
  return typeof value === 'string' && ID.test(value) ? value : undefined;
}

const camel = (words: string): string =>
  words.replaceAll(/[.-]([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** The part of the hub that a route belongs to; null where nobody does anything by calling it. */
export function featureOf(route: string): string | null {
  const [, feature = ''] = /^\/api\/v1\/([a-z][a-z0-9-]*)/.exec(route) ?? [];
  if (feature === '' || feature === 'streams' || feature === 'live') return null;
  return /^\/api\/v1\/tracking\/(?:fixes|events|metrics)$/.test(route) ? null : feature;
}

/** Whether it is a visit that began: what is counted for those who visit. */
export const isVisit = ({ objectType, verb }: { objectType: string; verb: string }, data: unknown): boolean =>
  objectType === 'check-in' && (verb === 'started' || (verb === 'recorded' && isIn(data)));

/** Of recorded check-ins those count that say where somebody came to, not where he left from. */
const isIn = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && Reflect.get(data, 'kind') !== 'out';
