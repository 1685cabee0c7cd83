/** Small line drawings, 24 by 24, in the colour of the text beside them. They carry no meaning of their own. */
import type { JSX } from "preact";

const PATHS = {
  venues: "M4 10l1.5-5h13L20 10M4 10a2.7 2.7 0 0 0 5.3 0 2.7 2.7 0 0 0 5.4 0A2.7 2.7 0 0 0 20 10M5.5 12.5V20h13v-7.5M10 20v-4.5h4V20",
  reports: "M4 20h16M6.5 20v-6M12 20V5M17.5 20v-9",
  menu: "M7 3v7a2.5 2.5 0 0 0 5 0V3M9.5 3v18M17 21v-8M17 13c-2 0-2.5-2-2.5-4.5S15.5 3 17 3z",
  money: "M3.5 6.5h17v11h-17zM12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM6.5 9.5h.01M17.5 14.5h.01",
  shop: "M5 8.5h11V17a3 3 0 0 1-3 3H8a3 3 0 0 1-3-3zM16 10.5h1.5a2.5 2.5 0 0 1 0 5H16M8 5.5c0-1 .8-1 .8-2M12 5.5c0-1 .8-1 .8-2",
  team: "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.6-3.6 3.2-5.5 6.5-5.5s5.9 1.9 6.5 5.5M16 4.9a3.5 3.5 0 0 1 0 6.2M18.5 14.9c1.7.9 2.7 2.6 3 5.1",
  devices: "M4 5h16v10H4zM9 19h6M12 15v4",
  pair: "M10 14l4-4M8.5 11L5.7 13.8a3.2 3.2 0 0 0 4.5 4.5L13 15.5M15.5 13l2.8-2.8a3.2 3.2 0 0 0-4.5-4.5L11 8.5",
  activity: "M12 7v5l3.5 2M12 21a9 9 0 1 0-9-9M3 17v-5h5",
  account: "M12 3l7.5 3v5.5c0 4.6-3 8-7.5 9.5-4.5-1.5-7.5-4.9-7.5-9.5V6zM9 12l2.2 2.2L15.2 10",
  exports: "M12 4v11M7.5 11L12 15.5 16.5 11M4.5 16v4h15v-4",
  alerts: "M6 17V11a6 6 0 0 1 12 0v6M4 17h16M10 20h4M12 5V3",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  leave: "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      <path d={PATHS[name]} fill="none" stroke="currentColor" stroke-width={name === "more" ? 3 : 1.8} stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
