/**
 * The frame around every page of the dashboard: a rail on a desk, a bar at the bottom of a phone.
 *
 * Counterpart: `sections.ts` has the rows that it shows.
 */
import type { ComponentChildren, JSX } from "preact";
import { useSignal } from "@preact/signals";
import { Logo, Sheet } from "@holdfast/pages";
import type { OwnerAccount } from "@holdfast/protocol";
import type { Fleet } from "./fleet";
import { Icon } from "./icon";
import { addressOf } from "./place";
import type { Section } from "./sections";

export interface ShellProps {
  fleet: Fleet;
  account: OwnerAccount;
  sections: Section[];
  /** The key of the section in which one is. */
  current: string;
  children: ComponentChildren;
}

const IN_BAR = 4;

export function Shell({ fleet, account, sections, current, children }: ShellProps): JSX.Element {
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={skip}>To the content</a>
      <header class="rail">
        <Logo />
        <nav class="rail-nav" aria-label="Dashboard">
          <ul>{sections.map((section) => <li key={section.key}><Door section={section} current={current} /></li>)}</ul>
        </nav>
        <div class="rail-foot">
          <span class="rail-account soft" title={account.email}>{account.email}</span>
          <button type="button" class="door" onClick={() => void fleet.signOut()}><Icon name="leave" />Sign out</button>
        </div>
      </header>
      <div class="shell-page" id="main" tabIndex={-1}>{children}</div>
      <Bar fleet={fleet} sections={sections} current={current} />
    </div>
  );
}

function Door({ section, current }: { section: Section; current: string }): JSX.Element {
  return (
    <a class="door" href={addressOf(section.key)} aria-current={section.key === current ? "page" : undefined}>
      <Icon name={section.icon} />{section.words}
    </a>
  );
}

/** What does not fit a phone's bar stands behind “More”. */
function Bar({ fleet, sections, current }: { fleet: Fleet; sections: Section[]; current: string }): JSX.Element {
  const open = useSignal(false);
  const rest = sections.slice(IN_BAR);
  const away = rest.some((section) => section.key === current);
  return (
    <nav class="bar" aria-label="Dashboard">
      {sections.slice(0, IN_BAR).map((section) => <Door key={section.key} section={section} current={current} />)}
      <button type="button" class="door" aria-haspopup="dialog" data-current={away} onClick={() => (open.value = true)}><Icon name="more" />More</button>
      {open.value && (
        <Sheet label="More" onClose={() => (open.value = false)}>
          <ul class="more" onClick={() => (open.value = false)}>
            {rest.map((section) => <li key={section.key}><Door section={section} current={current} /></li>)}
            <li><button type="button" class="door" onClick={() => void fleet.signOut()}><Icon name="leave" />Sign out</button></li>
          </ul>
        </Sheet>
      )}
    </nav>
  );
}

/** The address belongs to the sections, so the jump is made by hand. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
