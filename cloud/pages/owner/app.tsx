/** The owner's dashboard: who is there, the frame, and the section that the address names. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { OwnerAccount } from "@holdfast/protocol";
import { Banner, ticking, Waiting } from "@holdfast/pages";
import { Invitation } from "./account/invitation";
import type { Fleet } from "./fleet";
import { Login } from "./login";
import { FIRST } from "./place";
import { allowed, SECTIONS } from "./sections";
import { Shell } from "./shell";

const now = ticking();

export function App({ fleet }: { fleet: Fleet }): JSX.Element {
  useEffect(() => void fleet.resume(), []);
  const account = fleet.account.value;
  const { section, more } = fleet.place.value;
  if (section === "invitation") return <Invitation fleet={fleet} token={more[0] ?? ""} />;
  if (account === undefined) {
    return <Waiting words={fleet.unreachable.value ? "The cloud does not answer. Trying again…" : "One moment…"} />;
  }
  if (account === null) return <Login fleet={fleet} />;
  return (
    <>
      <Banner tone="warn" shown={fleet.unreachable.value}>Connection lost. Reconnecting... Figures may be out of date.</Banner>
      <Rooms fleet={fleet} account={account} />
    </>
  );
}

function Rooms({ fleet, account }: { fleet: Fleet; account: OwnerAccount }): JSX.Element | null {
  const place = fleet.place.value;
  const sections = allowed(SECTIONS, account.role);
  const section = sections.find(({ key }) => key === place.section) ?? sections.find(({ key }) => key === FIRST);
  if (!section) return null;
  return (
    <Shell fleet={fleet} account={account} sections={sections} current={section.key}>
      <section.view key={section.key} fleet={fleet} place={place} now_ms={now.value} />
    </Shell>
  );
}
