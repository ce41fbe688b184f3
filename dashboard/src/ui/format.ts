const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const clockSeconds = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
// Calendar dates have no zone; read as UTC and written as UTC they stay the day they are.
const calendarDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const calendarDate = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });
const whole = new Intl.NumberFormat();
const oneDigit = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const twoDigits = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 2 });

export const formatTime = (instant: string | number): string => clock.format(new Date(instant));
export const formatTimeExact = (instant: string | number): string => clockSeconds.format(new Date(instant));
export const formatMoment = (instant: string | number): string => moment.format(new Date(instant));
export const formatWeekday = (instant: string | number): string => weekday.format(new Date(instant));
export const formatCalendarDay = (date: string): string => calendarDay.format(new Date(date));
export const formatCalendarDate = (date: string): string => calendarDate.format(new Date(date));
export const formatCount = (count: number): string => whole.format(count);

/** The time of day for today, the date too for any other day. */
export function formatWhen(instant: string, now: number): string {
  const date = new Date(instant);
  const isToday = date.toDateString() === new Date(now).toDateString();
  return isToday ? clock.format(date) : `${day.format(date)}, ${clock.format(date)}`;
}

export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${pad(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${pad(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The same in one unit, for narrow places. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

export function formatMinutes(minutes: number): string {
  if (minutes < 60) return `${minutes} min`;
  if (minutes >= 6_000) return `${whole.format(Math.round(minutes / 60))} h`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

export function formatDistance(metres: number): string {
  if (metres < 950) return `${whole.format(Math.round(metres))} m`;
  if (metres >= 1_000_000) return `${whole.format(Math.round(metres / 1000))} km`;
  return `${metres < 9_950 ? twoDigits.format(metres / 1000) : oneDigit.format(metres / 1000)} km`;
}

export const formatKm = (metres: number): string => twoDigits.format(metres / 1000);
export const formatSpeed = (metresPerSecond: number): string =>
  `${whole.format(Math.round(metresPerSecond * 3.6))} km/h`;

const points = ['N', 'NE', 'E', 'SE', 'S', 'SW', 'W', 'NW'] as const;
export const formatHeading = (degrees: number): string => points[Math.round(degrees / 45) % 8] ?? 'N';

/** Two letters for a face: first and last name. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const last = words.length > 1 ? words.at(-1) : '';
  return (firstLetter(words[0]) + firstLetter(last)).toUpperCase();
}

const letters = new Intl.Segmenter();

/** What a reader takes for one letter, which may be several code points. */
const firstLetter = (word = ''): string => letters.segment(word)[Symbol.iterator]().next().value?.segment ?? '';

const pad = (value: number): string => String(value).padStart(2, '0');
