/** What people changed, newest first: who, what, where from, and how it was before. */
import type { JSX } from "preact";
import { Empty, Waiting } from "@holdfast/pages";
import { Card, moment, Page } from "../page";
import { Earlier, PagedTrouble, usePaged } from "../paged";
import type { SectionProps } from "../views";

interface Change {
  audit_id: number;
  at: string;
  venue: string | null;
  actor: string;
  action: string;
  before: unknown;
  after: unknown;
  origin: string;
}

interface Changes {
  changes: Change[];
  next: string | null;
}

export function Activity({ fleet }: SectionProps): JSX.Element {
  const list = usePaged(fleet, "/api/audit", (page: Changes) => page.changes);
  return (
    <Page title="Activity" about="Every change that a person made. Nothing can be taken out of it.">
      <PagedTrouble of={list} />
      {list.rows === null && !list.problem && <Waiting words="Fetching what was changed…" />}
      {list.rows?.length === 0 && <Empty title="Nothing yet"><p>Changes appear here as people make them.</p></Empty>}
      {list.rows !== null && list.rows.length > 0 && (
        <Card>
          <ul class="rows">{list.rows.map((change) => <Row key={change.audit_id} change={change} />)}</ul>
          <Earlier of={list} />
        </Card>
      )}
    </Page>
  );
}

function Row({ change }: { change: Change }): JSX.Element {
  const said = change.before !== null || change.after !== null;
  return (
    <li class="row">
      <span class="row-words">
        <strong>{change.action}{change.venue && ` · ${change.venue}`}</strong>
        <span class="soft">{change.actor} · {moment(change.at)} · from {change.origin}</span>
        {said && (
          <details class="fine">
            <summary>What exactly</summary>
            <dl>
              <Side words="Before" value={change.before} />
              <Side words="After" value={change.after} />
            </dl>
          </details>
        )}
      </span>
    </li>
  );
}

function Side({ words, value }: { words: string; value: unknown }): JSX.Element | null {
  if (value === null) return null;
  const pairs = typeof value === "object" ? Object.entries(value as object) : [["", value]];
  return (
    <div>
      <dt>{words}</dt>
      <dd>{pairs.map(([name, each]) => <div key={String(name)}><span class="soft">{String(name)}</span> {typeof each === "string" ? each : JSON.stringify(each)}</div>)}</dd>
    </div>
  );
}
