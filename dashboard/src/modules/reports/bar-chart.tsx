import { type RefObject, useEffect, useRef, useState } from 'react';
import { BarColumns } from './bar-columns';
import { BarRows } from './bar-rows';
import type { Bar } from './bars';
import './bar-chart.css';

interface BarChartProps {
  title: string;
  /** `columns` for a course of time, `rows` for a ranking. */
  layout: 'columns' | 'rows';
  bars: readonly Bar[];
  /** What the bars stand for, such as “Day”. */
  labelTitle: string;
  valueTitle: string;
  format: (value: number) => string;
}

/** A bar chart that is drawn at its real width, and says the same as a table to whoever does not see it. */
export function BarChart({ title, layout, bars, labelTitle, valueTitle, format }: BarChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const Bars = layout === 'columns' ? BarColumns : BarRows;
  return (
    <figure className="chart">
      <figcaption className="visually-hidden">{title}</figcaption>
      <div className="chart-box" ref={box}>
        {width > 0 && (
          <div role="img" aria-label={`${title}. ${describe(bars, format)}`}>
            <Bars bars={bars} width={width} format={format} />
          </div>
        )}
      </div>
      <details className="chart-table">
        <summary>Show these figures as a table</summary>
        <table className="table">
          <caption className="visually-hidden">{title}</caption>
          <thead>
            <tr>
              <th scope="col">{labelTitle}</th>
              <th scope="col" className="table-num">
                {valueTitle}
              </th>
            </tr>
          </thead>
          <tbody>
            {bars.map(({ key, label, value }) => (
              <tr key={key}>
                <th scope="row">{label}</th>
                <td className="table-num num">{format(value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

function describe(bars: readonly Bar[], format: (value: number) => string): string {
  const [top] = bars.toSorted((a, b) => b.value - a.value);
  return top ? `${bars.length} bars; the highest is ${top.label} with ${format(top.value)}.` : 'Nothing to show.';
}

function useWidth(box: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return width;
}
