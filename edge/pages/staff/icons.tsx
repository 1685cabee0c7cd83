/** Line drawings on a grid of 24, in the colour of their words. They never stand alone without a name. */
import type { JSX } from "preact";

const PATHS = {
  floor: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  stations: "M6 8h12a4 4 0 0 1 4 4v2a4 4 0 0 1-7 2.6h-6A4 4 0 0 1 2 14v-2a4 4 0 0 1 4-4zM7 11v4M5 13h4M16 12.5h.01M18.5 14h.01",
  till: "M4 10h16v10H4zM8 10V4h8v6M9 15h6M7 7H4",
  alarms: "M6 16v-5a6 6 0 0 1 12 0v5l2 2H4zM10 21h4",
  more: "M4.500 12a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0M11.500 12a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0M18.500 12a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0",
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  calendar: "M4 6h16v14H4zM4 10h16M8 3v5M16 3v5",
  plus: "M12 5v14M5 12h14",
  move: "M4 12h16M14 6l6 6-6 6",
  merge: "M5 5l7 7v7M19 5l-7 7",
  split: "M12 19v-7l-7-7M12 12l7-7",
  close: "M6 6l12 12M18 6L6 18",
  print: "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14a6.5 6.5 0 0 1 3.5 6",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2",
  kitchen: "M4 11h16v5a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4zM2 11h20M9 7c0-1.500 1-1.500 1-3M14 7c0-1.500 1-1.500 1-3",
  check: "M5 13l4 4L19 7",
  cash: "M3 7h18v10H3zM12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  card: "M3 6h18v12H3zM3 10h18M7 15h3",
  wallet: "M4 7h14V4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h14V7h-2M16 13.500h.01",
  bin: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  gift: "M4 11h16v9H4zM3 7h18v4H3zM12 7v13M12 7C9 7 8 3 10.500 3S12 7 12 7zM12 7c3 0 4-4 1.500-4S12 7 12 7z",
  key: "M14 10a4 4 0 1 0-3.500 4L12 15.500V18h2.500v2.500H18V17l-4.300-4.300A4 4 0 0 0 14 10zM9 9h.01",
  out: "M14 4H5v16h9M10 12h11M17 8l4 4-4 4",
  tag: "M4 4h8l8 8-8 8-8-8zM8.500 8.500h.01",
  plug: "M9 3v6M15 3v6M6 9h12v3a6 6 0 0 1-12 0zM12 18v3",
  router: "M4 13h16v6H4zM8 16h.01M12 16h.01M12 13V8M8.500 6.500a5 5 0 0 1 7 0",
  pause: "M8 5v14M16 5v14",
  play: "M7 5l12 7-12 7z",
  stop: "M6 6h12v12H6z",
  search: "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM15.500 15.500L21 21",
  inbox: "M4 13l3-8h10l3 8v6H4zM4 13h5a3 3 0 0 0 6 0h5",
  bell: "M6 16v-5a6 6 0 0 1 12 0v5l2 2H4zM10 21h4",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="1.8"
      stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d={PATHS[name]} /></svg>
  );
}
