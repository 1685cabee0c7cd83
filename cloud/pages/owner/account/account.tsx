/** One's own account: second factor, password, and where one is logged in. */
import type { JSX } from "preact";
import { Badge } from "@holdfast/pages";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import { Card, moment, Page } from "../page";
import { Asked, useAsked, type Answered } from "../states";
import type { SectionProps } from "../views";
import { Password } from "./password";
import { SecondFactor } from "./second_factor";
import type { AccountBody, Session } from "./shapes";

export function Account({ fleet }: SectionProps): JSX.Element {
  const asked = useAsked<AccountBody>(fleet, "/api/account");
  return (
    <Page title="Account" about={fleet.account.value ? `${fleet.account.value.email}, ${fleet.account.value.role}` : undefined}>
      <Asked of={asked} waiting="Fetching your account…">
        {(account) => (
          <>
            <SecondFactor fleet={fleet} account={account} onChange={asked.again} />
            <Password fleet={fleet} />
            <Sessions fleet={fleet} sessions={account.sessions} asked={asked} />
          </>
        )}
      </Asked>
    </Page>
  );
}

function Sessions({ fleet, sessions, asked }: { fleet: Fleet; sessions: Session[]; asked: Answered<AccountBody> }): JSX.Element {
  const act = useAct();
  const end = (session: Session): void =>
    act.run(async () => {
      await fleet.ask("DELETE", `/api/account/sessions/${session.session_id}`);
      asked.again();
    });
  return (
    <Card title="Where you are signed in">
      {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
      <ul class="rows">
        {sessions.map((session) => (
          <li key={session.session_id} class="row">
            <span class="row-words">
              <strong>{browserOf(session.browser)}</strong>
              <span class="soft">{session.origin || "unknown address"} · since {moment(session.created_at)}</span>
            </span>
            {session.current ? <Badge tone="good">here</Badge> : (
              <button type="button" class="button small" disabled={act.busy} onClick={() => end(session)}>End</button>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}

const BROWSERS: readonly [RegExp, string][] = [
  [/Edg\//, "Edge"], [/Firefox\//, "Firefox"], [/Chrome\//, "Chrome"], [/Safari\//, "Safari"], [/curl|python/i, "A program"],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/Android/, "Android"], [/iPhone|iPad/, "iOS"], [/Windows/, "Windows"], [/Mac OS/, "macOS"], [/Linux/, "Linux"],
];

/** What people call a browser; its own words are no use to anybody. */
function browserOf(agent: string): string {
  const named = (rows: readonly [RegExp, string][]): string | undefined => rows.find(([sign]) => sign.test(agent))?.[1];
  return [named(BROWSERS) ?? "A browser", named(SYSTEMS)].filter(Boolean).join(" on ");
}
