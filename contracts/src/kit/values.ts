import { z } from 'zod';

/** A ULID, upper case Crockford base 32. */
export const Id = z.ulid();
/** An instant: UTC, ISO 8601 with `Z`. */
export const Instant = z.iso.datetime();
/** A calendar date without a zone, `2026-11-24`. */
export const LocalDate = z.iso.date();
export const Latitude = z.number().min(-90).max(90);
export const Longitude = z.number().min(-180).max(180);
/** WGS84 degrees. */
export const Position = z.strictObject({ lat: Latitude, lng: Longitude });
export type Position = z.infer<typeof Position>;
/** A line of text that a person typed: trimmed, not empty, at most 120 characters. */
export const ShortText = z.string().trim().min(1).max(120);
export const Email = z.string().trim().toLowerCase().max(254).pipe(z.email());

/** An IANA zone that this runtime knows, such as `Africa/Johannesburg`. */
export const TimeZone = z.string().max(64).refine(isTimeZone, { error: 'is not a time zone this hub knows' });

function isTimeZone(zone: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** Query values arrive as text; this reads `true` and `false` only. */
export const Flag = z.enum(['true', 'false']).transform((text) => text === 'true');
