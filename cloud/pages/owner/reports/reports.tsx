/** What was sold, when, by whom; how full the house was; when the line was down and what it sold all the same. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney } from "@holdfast/protocol";
import { Badge, count, Empty, span as ago } from "@holdfast/pages";
import { Card, day, moment, Page } from "../page";
import { addressOf } from "../place";
import { Asked, useAsked } from "../states";
import type { SectionProps } from "../views";
import { Bars, HeatMap, Ranks } from "./charts";
import { currenciesOf, dayBars, hourBars, shares, totals } from "./figures";
import type { LeftBehind, Outage, Report } from "./shapes";
import { daysOf, SPANS, type Days, type SpanKey } from "./span";

const ITEMS_SHOWN = 12;

export function Reports({ fleet, place }: SectionProps): JSX.Element {
  const key = SPANS.find((each) => each.key === place.more[0])?.key ?? "7";
  const venue = place.more[1] ?? "";
  const days = daysOf(key, new Date());
  const asked = useAsked<Report>(fleet, `/api/report?first=${days.first}&last=${days.last}${venue && `&venue=${encodeURIComponent(venue)}`}`);
  return (
    <Page wide title="Reports" about={days.first === days.last ? day(`${days.first}T12:00`) : `${day(`${days.first}T12:00`)} to ${day(`${days.last}T12:00`)}`}
      actions={<Choices span={key} venue={venue} venues={fleet.sorted.value} />}>
      <Asked of={asked} waiting="Adding up…">
        {(report) => <Whole report={report} days={days} />}
      </Asked>
    </Page>
  );
}

interface ChoicesProps {
  span: SpanKey;
  venue: string;
  venues: { venue_id: string; name: string }[];
}

function Choices({ span, venue, venues }: ChoicesProps): JSX.Element {
  const at = (key: SpanKey, id: string): string => addressOf("reports", ...(id ? [key, id] : [key]));
  return (
    <>
      <nav class="segments" aria-label="Span">
        {SPANS.map(({ key, words }) => <a key={key} class="segment" href={at(key, venue)} aria-current={key === span ? "true" : undefined}>{words}</a>)}
      </nav>
      {venues.length > 1 && (
        <select class="input select" aria-label="Venue" value={venue} onChange={(event) => (location.hash = at(span, event.currentTarget.value))}>
          <option value="">All venues</option>
          {venues.map((each) => <option key={each.venue_id} value={each.venue_id}>{each.name}</option>)}
        </select>
      )}
    </>
  );
}

function Whole({ report, days }: { report: Report; days: Days }): JSX.Element {
  const chosen = useSignal<string | null>(null);
  const currencies = currenciesOf(report);
  const currency = currencies.find((each) => each === chosen.value) ?? currencies[0];
  const used = report.stations.use.length > 0 || report.tables.use.length > 0;
  return (
    <>
      {currencies.length > 1 && (
        <div class="segments">{currencies.map((each) => <button key={each} type="button" class="segment" aria-pressed={each === currency} onClick={() => (chosen.value = each)}>{each}</button>)}</div>
      )}
      {currency === undefined
        ? <Empty title="Nothing sold in these days"><p>Choose more days, or another venue.</p></Empty>
        : <Money report={report} days={days} currency={currency} />}
      {used && <HowFull report={report} days={days} />}
      <LeftBehindCard rows={report.left_behind} />
      <Outages outages={report.outages} />
    </>
  );
}

function Money({ report, days, currency }: { report: Report; days: Days; currency: string }): JSX.Element {
  const own = <T extends { currency: string }>(rows: T[]): T[] => rows.filter((row) => row.currency === currency);
  const money = (minor: number): string => formatMoney(minor, currency);
  const sum = totals(report, currency);
  const several = days.first !== days.last;
  const items = own(report.by_item).slice(0, ITEMS_SHOWN);
  const people = own(report.by_staff);
  return (
    <>
      <dl class="tiles report-tiles">
        <div class="tile wide"><dt>Sales</dt><dd class="number">{money(sum.sales_minor)}</dd></div>
        <div class="tile"><dt>Orders</dt><dd class="number">{sum.orders}</dd></div>
        <div class="tile"><dt>Per order</dt><dd class="number">{money(sum.average_minor)}</dd></div>
        <div class="tile"><dt>Tips</dt><dd class="number">{money(sum.tips_minor)}</dd></div>
        <div class="tile" data-tone={sum.refunded_minor > 0 ? "warn" : undefined}><dt>Given back</dt><dd class="number">{money(sum.refunded_minor)}</dd></div>
      </dl>
      <div class="report-grid">
        {several && <Card title="By day"><Bars label="Sales by day" bars={dayBars(own(report.by_day), days)} name={shortDay} value={money} /></Card>}
        <Card title="By hour of the day"><Bars label="Sales by hour of the day" bars={hourBars(own(report.by_hour))} name={(hour) => `${hour}:00`} value={money} /></Card>
        <Card title="By item" about={report.by_item.length > ITEMS_SHOWN ? `The ${ITEMS_SHOWN} that brought most` : undefined}>
          {items.length === 0 ? <p class="soft">Nothing was ordered.</p> : <Ranks rows={items.map((item) => ({ key: String(item.menu_item), name: item.name, value: item.total_minor, words: money(item.total_minor), more: `${item.qty}×` }))} />}
        </Card>
        <Card title="By staff" about="By who opened the shift that a payment went into">
          {people.length === 0 ? <p class="soft">Nothing was paid in these days.</p> : <Ranks rows={people.map((each) => ({ key: each.person ?? "", name: each.person?.replace(/^staff:/, "") ?? "by itself", value: each.amount_minor, words: money(each.amount_minor), more: each.tip_minor > 0 ? `+ ${money(each.tip_minor)} tips` : count(each.payments, "payment") }))} />}
        </Card>
      </div>
    </>
  );
}

const shortDay = (text: string): string => new Date(`${text}T12:00`).toLocaleDateString(undefined, { day: "numeric", month: "short" });

function HowFull({ report, days }: { report: Report; days: Days }): JSX.Element {
  return (
    <div class="report-grid">
      {report.stations.use.length > 0 && <Card title="Gaming stations in use" about={`By hour of the week, of ${count(report.stations.places, "station")}`}><HeatMap label="Gaming stations in use by hour of the week" shares={shares(report.stations, days)} /></Card>}
      {report.tables.use.length > 0 && <Card title="Tables in use" about={`By hour of the week, of ${count(report.tables.places, "table")}`}><HeatMap label="Tables in use by hour of the week" shares={shares(report.tables, days)} /></Card>}
    </div>
  );
}

const DECIDED = { open: "to be decided", noted: "seen", accepted: "accepted", written_off: "written off" } as const;

/** Money and orders that only replaced boxes knew of, decided about under "After an outage". */
function LeftBehindCard({ rows }: { rows: LeftBehind[] }): JSX.Element | null {
  if (rows.length === 0) return null;
  return (
    <Card title="From replaced boxes" about="Only boxes that were replaced knew of this. It is in none of the figures above; decide about it under After an outage.">
      <ul class="rows">
        {rows.map((row) => (
          <li key={`${row.currency} ${row.kind} ${row.decision}`} class="row">
            <span class="row-words"><strong>{count(row.count, row.kind.replace("_", "-"))}</strong><span class="soft">{DECIDED[row.decision]}</span></span>
            <Badge tone={row.decision === "open" ? "warn" : row.decision === "accepted" ? "good" : "calm"}>{formatMoney(row.total_minor, row.currency)}</Badge>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Outages({ outages }: { outages: Outage[] }): JSX.Element {
  const lasting = outages.reduce((sum, outage) => sum + outage.seconds, 0);
  return (
    <Card title="Outages" about={outages.length === 0 ? "The cloud heard every venue all the time." : `${count(outages.length, "outage")}, ${ago(lasting)} together. Venues went on serving meanwhile.`}>
      <ul class="rows">
        {outages.map((outage) => (
          <li key={`${outage.venue_id} ${outage.began_at}`} class="row">
            <span class="row-words">
              <strong>{outage.venue} <span class="number">{ago(outage.seconds)}</span></strong>
              <span class="soft">{moment(outage.began_at)}{outage.ended_at ? ` to ${moment(outage.ended_at)}` : ", until now"}</span>
            </span>
            {outage.ended_at === null && <Badge tone="bad">still away</Badge>}
            {outage.orders > 0 && <Badge tone="good">{count(outage.orders, "order")} all the same, {formatMoney(outage.total_minor, outage.currency)}</Badge>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
