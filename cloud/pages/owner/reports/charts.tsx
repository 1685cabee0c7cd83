/**
 * Charts of our own: bars, ranks, a week as a heat map.
 *
 * Rule of the file: a chart is never the only way to its numbers. Each says them in its label or in a table below it, and
 * no meaning hangs on colour alone.
 */
import type { ComponentChildren, JSX } from "preact";
import type { Bar } from "./figures";

const HEIGHT = 100;
const STEP = 10;
/** More names than this would touch each other on a phone. */
const MOST_NAMES = 8;

export interface BarsProps {
  label: string;
  bars: Bar[];
  /** What stands under a bar. */
  name: (label: string) => string;
  value: (value: number) => string;
}

/** The drawing is stretched to its place; words stand beside it and keep their size. */
export function Bars({ label, bars, name, value }: BarsProps): JSX.Element {
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  const every = Math.ceil(bars.length / MOST_NAMES);
  const width = Math.max(1, bars.length) * STEP;
  return (
    <figure class="chart">
      <span class="chart-top soft number" aria-hidden="true">{value(most)}</span>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${label}, the most ${value(most)}`}>
        {[0, 0.25, 0.5, 0.75, 1].map((part) => <line key={part} class="chart-line" x1="0" x2={width} y1={HEIGHT * part} y2={HEIGHT * part} />)}
        {bars.map((bar, place) => {
          const height = bar.value > 0 ? Math.max(1, (bar.value / most) * HEIGHT) : 0;
          return (
            <rect key={bar.label} class="chart-bar" x={place * STEP + 1} y={HEIGHT - height} width={STEP - 2} height={height}>
              <title>{`${name(bar.label)}: ${value(bar.value)}, ${bar.orders} orders`}</title>
            </rect>
          );
        })}
      </svg>
      <div class="chart-names soft number" aria-hidden="true">
        {bars.map((bar, place) => <span key={bar.label}>{place % every === 0 && <span>{name(bar.label)}</span>}</span>)}
      </div>
      <Table heads={["", "Sales", "Orders"]} rows={bars.filter((bar) => bar.orders > 0).map((bar) => [name(bar.label), value(bar.value), String(bar.orders)])} />
    </figure>
  );
}

export interface RankRow { key: string; name: string; value: number; words: string; more?: string }

/** The longest first; lengths are relative to it. */
export function Ranks({ rows }: { rows: RankRow[] }): JSX.Element {
  const most = Math.max(1, ...rows.map((row) => row.value));
  return (
    <ol class="ranks">
      {rows.map((row) => (
        <li key={row.key} class="rank">
          <span class="rank-name">{row.name}</span>
          <span class="rank-words number"><strong>{row.words}</strong>{row.more && <span class="soft"> {row.more}</span>}</span>
          <svg class="rank-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
            <rect class="rank-rest" width="100" height="4" rx="2" />
            <rect class="chart-bar" width={Math.max(0, (row.value / most) * 100)} height="4" rx="2" />
          </svg>
        </li>
      ))}
    </ol>
  );
}

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const CELL = 18;
const LEFT = 44;

/** `shares` are seven rows of 24, 0 to 1; null where there is nothing to say. */
export function HeatMap({ label, shares }: { label: string; shares: (number | null)[][] }): JSX.Element {
  const busiest = shares.flatMap((row, day) => row.map((share, hour) => ({ day, hour, share: share ?? 0 }))).sort((a, b) => b.share - a.share).slice(0, 5).filter(({ share }) => share > 0);
  return (
    <figure class="chart heat">
      <div class="heat-scroll" tabIndex={0} role="group" aria-label={label}>
        <svg viewBox={`0 0 ${LEFT + 24 * CELL} ${7 * CELL + 20}`} width={LEFT + 24 * CELL} height={7 * CELL + 20} role="img" aria-label={label}>
          {shares.map((row, day) => (
            <g key={day}>
              <text class="heat-day" x="0" y={day * CELL + 13}>{DAYS[day]}</text>
              {row.map((share, hour) => (
                <rect key={hour} class="heat-cell" data-level={share === null ? "none" : Math.ceil(share * 5)} x={LEFT + hour * CELL} y={day * CELL} width={CELL - 3} height={CELL - 3} rx="4">
                  <title>{`${DAYS[day]} ${hour}:00, ${share === null ? "not in this span" : percent(share)}`}</title>
                </rect>
              ))}
            </g>
          ))}
          {[0, 6, 12, 18].map((hour) => <text key={hour} class="heat-day" x={LEFT + hour * CELL} y={7 * CELL + 15}>{`${hour}:00`}</text>)}
        </svg>
      </div>
      <figcaption class="heat-key">
        <span class="soft">0 %</span>
        {[0, 1, 2, 3, 4, 5].map((level) => <svg key={level} width="18" height="18" aria-hidden="true"><rect class="heat-cell" data-level={level} width="18" height="18" rx="4" /></svg>)}
        <span class="soft">100 %</span>
        {busiest.length > 0 && <span class="heat-busiest">Busiest: {busiest.map(({ day, hour, share }) => `${DAYS[day]} ${hour}:00 (${percent(share)})`).join(", ")}</span>}
      </figcaption>
    </figure>
  );
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

export function Table({ heads, rows, title = "As a table" }: { heads: string[]; rows: ComponentChildren[][]; title?: string }): JSX.Element {
  return (
    <details class="fine">
      <summary>{title}</summary>
      <div class="table-scroll">
        <table class="figures number">
          <thead><tr>{heads.map((head) => <th key={head} scope="col">{head}</th>)}</tr></thead>
          <tbody>{rows.map((row, place) => <tr key={place}>{row.map((cell, at) => (at === 0 ? <th key={at} scope="row">{cell}</th> : <td key={at}>{cell}</td>))}</tr>)}</tbody>
        </table>
      </div>
    </details>
  );
}
