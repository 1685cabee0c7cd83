/** What is wrong now, what was, and who is told of it. */
import type { JSX } from "preact";
import { Badge, count, Empty, span } from "@holdfast/pages";
import { Card, moment, Page } from "../page";
import { Asked, useFresh } from "../states";
import type { SectionProps } from "../views";
import { Telling } from "./settings";
import type { AlertRow, AlertsBody } from "./shapes";

export function Alerts({ fleet, now_ms }: SectionProps): JSX.Element {
  const asked = useFresh<AlertsBody>(fleet, "/api/alerts", "alerts", 60_000);
  const runs = !fleet.bound.value && ["owner", "manager"].includes(fleet.account.value?.role ?? "");
  return (
    <Page title="Alerts" about="What needs a look. Everybody chosen below is told once when it begins and once when it is over.">
      <Asked of={asked} waiting="Looking…">
        {(body) => (
          <>
            {!body.mail && <NoMail waiting={body.waiting} />}
            <Now alerts={body.alerts.filter((row) => row.over_at === null)} now_ms={now_ms} />
            {runs && <Telling fleet={fleet} kinds={body.kinds} mail={body.mail} />}
            <History alerts={body.alerts.filter((row) => row.over_at !== null)} />
          </>
        )}
      </Asked>
    </Page>
  );
}

function NoMail({ waiting }: { waiting: number }): JSX.Element {
  return (
    <div class="note warn" role="status">
      <p><strong>No mail leaves this cloud yet.</strong> {waiting > 0 ? `${count(waiting, "mail")} ${waiting === 1 ? "waits" : "wait"} and will be sent` : "Mails are kept and sent"} once whoever runs it names a mail server (<code>HOLDFAST_SMTP_URL</code>).</p>
    </div>
  );
}

function Now({ alerts, now_ms }: { alerts: AlertRow[]; now_ms: number }): JSX.Element {
  if (alerts.length === 0) return <Empty title="All is well"><p>Venues, printers and files are looked at every minute.</p></Empty>;
  return (
    <Card title="Now">
      <ul class="rows">
        {alerts.map((row) => (
          <li key={row.alert_id} class="row">
            <span class="row-words">
              <strong>{row.words}</strong>
              <span class="soft">Since {moment(row.began_at)}{row.told_at === null ? ", nobody was told yet" : ""}</span>
            </span>
            <Badge tone="bad">{span((now_ms - Date.parse(row.began_at)) / 1_000)}</Badge>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function History({ alerts }: { alerts: AlertRow[] }): JSX.Element | null {
  if (alerts.length === 0) return null;
  return (
    <Card title="Earlier">
      <ul class="rows">
        {alerts.map((row) => (
          <li key={row.alert_id} class="row">
            <span class="row-words">
              <strong>{row.words}</strong>
              <span class="soft">{moment(row.began_at)}, over after {span((Date.parse(row.over_at ?? row.began_at) - Date.parse(row.began_at)) / 1_000)}</span>
            </span>
            {row.told_at === null && <Badge>nobody was told</Badge>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
