/** What is needed now and then: how the box stands, and the other screens. */
import type { ComponentChildren, JSX } from "preact";
import { formatMoney, type UpgradeWaits } from "@holdfast/protocol";
import { clockTime, span, Waiting } from "@holdfast/pages";
import { DrillPanel } from "./afar/drill";
import type { BoxStatus } from "./house";
import { HandoverButton } from "./handover";
import { Icon } from "./icons";
import { manages } from "./person";
import { PairingPanel } from "./pairing";
import { SoldOutPanel } from "./soldout";
import { clock } from "./time";
import type { ViewProps } from "./view";

const LINK_WORDS: Readonly<Record<string, string>> = { live: "in step with the cloud", catching_up: "catching up", down: "not connected" };

const HEALTH_WORDS: Readonly<Record<string, string>> = { well: "well", lost: "does not answer", alarmed: "does not do as told" };

export function More({ house, desk }: ViewProps): JSX.Element {
  const status = house.status.value;
  return (
    <main class="view">
      <header class="view-head">
        <h1>More</h1>
        <p class="soft">Signed in as {desk.me.name}, {desk.me.role}</p>
        <button type="button" class="button push" onClick={desk.leave}><Icon name="out" />Sign out</button>
        {manages(desk.me) && <HandoverButton desk={desk} />}
        <a class="button" href="/kitchen"><Icon name="kitchen" />Kitchen screen</a>
      </header>
      <section class="panel">
        <h2>The box</h2>
        {status ? <Facts status={status} now_ms={clock.value + house.skew_ms.value} /> : <Waiting words="Asking the box…" />}
      </section>
      {house.afar.value.upgrade && (
        <section class="panel" aria-label="Upgrade">
          <h2>A new release</h2>
          <UpgradeWords upgrade={house.afar.value.upgrade} />
        </section>
      )}
      {status && status.devices.length > 0 && (
        <section class="panel">
          <h2>Devices</h2>
          <dl class="facts">{status.devices.map((each) => <Fact key={`${each.station_id}/${each.device}`} name={`${each.device} of ${each.station}`}>{HEALTH_WORDS[each.health] ?? each.health}{each.power_w !== null && `, ${Math.round(each.power_w)} W`}</Fact>)}</dl>
        </section>
      )}
      {manages(desk.me) && house.link.value?.fault === "unclaimed" && (
        <section class="panel">
          <h2>Pair with the cloud</h2>
          <PairingPanel desk={desk} />
        </section>
      )}
      {manages(desk.me) && (
        <section class="panel">
          <h2>Outage drill</h2>
          <DrillPanel house={house} desk={desk} />
        </section>
      )}
      <section class="panel">
        <h2>Sold out</h2>
        <SoldOutPanel house={house} desk={desk} />
      </section>
    </main>
  );
}

/** Nobody here has to do anything about it, but everybody may know why the box is away for a minute. */
function UpgradeWords({ upgrade: { version, installing, why } }: { upgrade: UpgradeWaits }): JSX.Element {
  if (installing) return <p role="status">Release {version} is being put in place. The box is away for about a minute and comes back by itself.</p>;
  return <p role="status">Release {version} is on the box. The upgrade waits until you close{why ? <>; now <strong>{why}</strong></> : null}.</p>;
}

function Facts({ status, now_ms }: { status: BoxStatus; now_ms: number }): JSX.Element {
  const synced = status.last_sync_ms;
  return (
    <dl class="facts">
      <Fact name="Cloud">{LINK_WORDS[status.link] ?? status.link}</Fact>
      <Fact name="Last synced">{synced === null ? "never" : `${span((now_ms - synced) / 1_000)} ago, ${clockTime(synced)}`}</Fact>
      <Fact name="Not yet in the cloud">{status.unsynced} entries, orders worth {formatMoney(status.unsynced_value_minor, status.currency)}</Fact>
      <Fact name="Kitchen devices">{status.mqtt === "off" ? "none; the kitchen page is used" : status.mqtt}</Fact>
      <Fact name="Disk">{status.storage === "ok" ? `${status.disk_used_percent} % used` : status.storage}</Fact>
      <Fact name="Guests' phones">{status.phones}</Fact>
      <Fact name="Clock">{status.clock_trusted ? "right" : "not known to be right"}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return <div class="fact"><dt>{name}</dt><dd class="number">{children}</dd></div>;
}
