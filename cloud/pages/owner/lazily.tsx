/**
 * A view whose module is fetched when it is first shown.
 *
 * Fetching may fail like any request, most often because the internet is gone or because a newer release has replaced the
 * file. Then the page says so and offers to try again; the rest of the dashboard goes on.
 */
import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Waiting } from "@holdfast/pages";
import { Trouble } from "./states";

export function lazily<Props extends object>(fetch: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let fetched: ComponentType<Props> | null = null;
  return function Lazily(props: Props): JSX.Element {
    const [state, setState] = useState<"waiting" | "failed" | "there">(fetched ? "there" : "waiting");
    useEffect(() => {
      if (state !== "waiting") return;
      fetch().then(
        (view) => {
          fetched = view;
          setState("there");
        },
        () => setState("failed"),
      );
    }, [state]);
    if (state === "failed") return <Trouble words="This page could not be loaded." onAgain={() => setState("waiting")} />;
    const View = fetched;
    return View ? <View {...props} /> : <Waiting words="One moment…" />;
  };
}
