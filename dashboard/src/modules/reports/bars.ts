export interface Bar {
  readonly key: string;
  readonly label: string;
  readonly value: number;
}

/** Pixels that the longest of some texts needs in a chart, generously. */
export const roomFor = (texts: readonly string[]): number => Math.max(0, ...texts.map(({ length }) => length)) * 7.6;

export interface BarsProps {
  bars: readonly Bar[];
  width: number;
  format: (value: number) => string;
}
