import { z } from 'zod';
import { get } from './kit/api';
import { Id, Instant, LocalDate } from './kit/values';

export const FenceVisit = z.object({
  fenceId: Id,
  fenceName: z.string(),
  branchId: Id.nullable(),
  kind: z.enum(['stayed', 'crossed']),
  enteredAt: Instant,
  /** Null: still inside at the last fix of the day. */
  leftAt: Instant.nullable(),
  /** The last fix inside. */
  seenUntil: Instant,
  dwelledAt: Instant.nullable(),
});
export type FenceVisit = z.infer<typeof FenceVisit>;

/** What a trackable’s stored fixes say of the fences of a day, in the zone of its branch. */
export const FenceDay = z.object({
  trackableId: Id,
  date: LocalDate,
  /** Counts how often late fixes changed what was known already. */
  revision: z.number().int(),
  visits: z.array(FenceVisit),
});
export type FenceDay = z.infer<typeof FenceDay>;

const MOST_DAYS = 92;

export const FenceDaysQuery = z
  .strictObject({ from: LocalDate, to: LocalDate })
  .refine(({ from, to }) => from <= to, { error: 'is before from', path: ['to'] })
  .refine(({ from, to }) => Date.parse(to) - Date.parse(from) < MOST_DAYS * 86_400_000, {
    error: `is more than ${MOST_DAYS} days after from`,
    path: ['to'],
  });

export const fenceRows = {
  fenceDays: get('/trackables/:trackableId/fence-visits', {
    permission: 'tracking.read',
    apiKey: true,
    query: FenceDaysQuery,
    returns: z.object({ days: z.array(FenceDay) }),
    summary: 'In which fences a trackable was, day by day, from its stored fixes',
  }),
};
