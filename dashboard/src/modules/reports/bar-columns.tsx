import { type BarsProps, roomFor } from './bars';
import { ticksTo } from './ticks';

const HEIGHT = 260;
const TOP = 20;
const BOTTOM = 28;
const GAP = 12;
const WIDEST = 56;
/** Room that a label needs, in pixels. */
const LABEL = 56;

/** Bars that stand, one beside the other. */
export function BarColumns({ bars, width, format }: BarsProps) {
  const { ticks, top } = ticksTo(Math.max(...bars.map(({ value }) => value), 0));
  const ground = HEIGHT - BOTTOM;
  const left = roomFor(ticks.map(format)) + GAP;
  const step = (width - left) / Math.max(1, bars.length);
  const thickness = Math.min(WIDEST, step * 0.64);
  const y = (value: number): number => ground - (value / top) * (ground - TOP);
  const hasRoom = step >= roomFor(bars.map(({ value }) => format(value)));
  const every = Math.max(1, Math.ceil(LABEL / step));
  return (
    <svg width={width} height={HEIGHT} aria-hidden="true">
      {ticks.map((tick) => (
        <g key={tick}>
          <line className={tick === 0 ? 'chart-ground' : 'chart-grid'} x1={left} x2={width} y1={y(tick)} y2={y(tick)} />
          <text className="chart-text num" x={left - GAP} y={y(tick) + 4} textAnchor="end">
            {format(tick)}
          </text>
        </g>
      ))}
      {bars.map(({ key, label, value }, index) => {
        const middle = left + step * (index + 0.5);
        return (
          <g key={key} className="chart-bar">
            <title>{`${label}: ${format(value)}`}</title>
            <rect className="chart-reach" x={middle - step / 2} y={TOP} width={step} height={ground - TOP} />
            {value > 0 && <path d={standing(middle - thickness / 2, y(value), thickness, ground)} />}
            {hasRoom && value > 0 && (
              <text className="chart-value num" x={middle} y={y(value) - 6} textAnchor="middle">
                {format(value)}
              </text>
            )}
            {index % every === 0 && (
              <text className="chart-text num" x={middle} y={HEIGHT - 8} textAnchor="middle">
                {label}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

/** Round at the top, flat on the ground. */
function standing(x: number, y: number, width: number, ground: number): string {
  const radius = Math.min(5, width / 2, ground - y);
  return `M${x} ${ground}V${y + radius}q0-${radius} ${radius}-${radius}h${width - 2 * radius}q${radius} 0 ${radius} ${radius}V${ground}Z`;
}
