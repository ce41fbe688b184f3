import { dateIn, startOfDay } from '../../platform';

/** From this local date on the zone counts; the first span has no beginning. */
export interface Span {
  readonly from: string | null;
  readonly timezone: string;
}

/**
 * The local calendar of a branch whose zone may change at a date. Days before the change keep their zone. The first new
 * day begins where the last old one ends, so that every instant lies on one date and no date comes twice.
 */
export class Calendar {
  private readonly spans: readonly { readonly from: string | null; readonly timezone: string; readonly at: number }[];

  constructor(spans: readonly [Span, ...Span[]]) {
    const ordered = spans.toSorted((a, b) => ((a.from ?? '') < (b.from ?? '') ? -1 : 1));
    this.spans = ordered.map((span, index) => {
      const before = ordered[index - 1];
      const at = before && span.from !== null ? startOfDay(span.from, before.timezone).getTime() : -Infinity;
      return { ...span, at };
    });
  }

  /** The zone of a date. */
  zoneOf(date: string): string {
    return this.spanOf(date).timezone;
  }

  /** The zone at an instant. */
  zoneAt(at: Date): string {
    return this.spanAt(at).timezone;
  }

  /** The date on which an instant falls. */
  dateOf(at: Date): string {
    const { from, timezone } = this.spanAt(at);
    const date = dateIn(at, timezone);
    // West of the old zone it is still yesterday when the first new day begins.
    return from !== null && date < from ? from : date;
  }

  /** The first instant of a date. */
  startOf(date: string): Date {
    const span = this.spanOf(date);
    if (span.from === date && span.at !== -Infinity) return new Date(span.at);
    const start = startOfDay(date, span.timezone);
    // East of the old zone by more than a day, the first dates have no length.
    return start.getTime() < span.at ? new Date(span.at) : start;
  }

  private spanOf(date: string) {
    return this.pick(({ from }) => from === null || from <= date);
  }

  private spanAt(at: Date) {
    return this.pick((span) => span.at <= at.getTime());
  }

  private pick(counts: (span: Calendar['spans'][number]) => boolean): Calendar['spans'][number] {
    const span = this.spans.findLast(counts) ?? this.spans[0];
    if (!span) throw new Error('a calendar without a zone');
    return span;
  }
}
