const oneDigit = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });

export const formatMs = (ms: number): string => `${oneDigit.format(ms)} ms`;
export const formatSeconds = (seconds: number): string => `${oneDigit.format(seconds)} s`;
export const formatRate = (perSecond: number): string =>
  `${perSecond < 10 ? oneDigit.format(perSecond) : whole.format(perSecond)} /s`;

export function formatBytes(bytes: number): string {
  if (bytes < 1024 * 1024) return `${whole.format(bytes / 1024)} KiB`;
  return `${whole.format(bytes / 1024 / 1024)} MiB`;
}
