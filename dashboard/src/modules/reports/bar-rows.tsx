import { type BarsProps, roomFor } from './bars';

const ROW = 30;
const THICKNESS = 16;

/** Bars that lie, one below the other: room for names. */
export function BarRows({ bars, width, format }: BarsProps) {
  const left = Math.min(176, Math.floor(width * 0.36));
  const longest = Math.max(...bars.map(({ value }) => value), 1);
  const room = Math.max(0, width - left - 8 - roomFor(bars.map(({ value }) => format(value))));
  // SVG text does not cut itself short; 7 pixels is a generous letter at this size.
  const most = Math.floor((left - 12) / 7);
  return (
    <svg width={width} height={bars.length * ROW} aria-hidden="true">
      {bars.map(({ key, label, value }, index) => {
        const middle = index * ROW + ROW / 2;
        const length = (value / longest) * room;
        return (
          <g key={key} className="chart-bar">
            <title>{`${label}: ${format(value)}`}</title>
            <rect className="chart-reach" x={0} y={index * ROW} width={width} height={ROW} />
            <text className="chart-name" x={0} y={middle + 4}>
              {label.length > most ? `${label.slice(0, most - 1)}…` : label}
            </text>
            <path d={lying(left, middle - THICKNESS / 2, length)} />
            <text className="chart-value num" x={left + length + 8} y={middle + 4}>
              {format(value)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

/** Flat at its beginning, round at its end. */
function lying(x: number, y: number, length: number): string {
  const radius = Math.min(5, length);
  return `M${x} ${y}h${length - radius}q${radius} 0 ${radius} ${radius}v${THICKNESS - 2 * radius}q0 ${radius}-${radius} ${radius}H${x}Z`;
}
