/** The strip over every tab: what is broken and what works, from `trouble.ts`. Nothing while all is well. */
import type { JSX } from "preact";
import { Banner } from "@holdfast/pages";
import type { House } from "./house";
import { clock } from "./time";
import { troubleOf } from "./trouble";

export function TroubleBanner({ house }: { house: House }): JSX.Element {
  const trouble = troubleOf({
    line: house.line.value,
    heard_ms: house.heard_ms.value,
    link: house.link.value,
    drill_ends_ms: house.afar.value.drill_ends_ms,
    status: house.status.value,
    now_ms: clock.value,
    skew_ms: house.skew_ms.value,
  });
  return (
    <Banner tone={trouble.tone} shown={trouble.where !== "nowhere"}>
      <strong>{trouble.title}</strong> <span class="banner-works">{trouble.works}</span> <span class="banner-more">{trouble.more}</span>
    </Banner>
  );
}
