/** Sections of the dashboard that are fetched when they are first shown. Counterpart: `lazily` of the shared pages. */
import type { ComponentType } from "preact";
import { lazily as fetched } from "@holdfast/pages";
import { Trouble } from "./states";

export const lazily = <Props extends object>(fetch: () => Promise<ComponentType<Props>>): ComponentType<Props> =>
  fetched(fetch, (onAgain) => <Trouble words="This page could not be loaded." onAgain={onAgain} />);
