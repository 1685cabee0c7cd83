/**
 * A view whose module is fetched when it is first shown.
 *
 * Fetching may fail like any request, most often because nobody answers or because a newer release has replaced the file.
 * Then `failed` says so and offers to try again; the rest of the page goes on.
 */
import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Waiting } from "./parts";

export function lazily<Props extends object>(
  fetch: () => Promise<ComponentType<Props>>,
  failed: (onAgain: () => void) => JSX.Element,
): ComponentType<Props> {
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
    if (state === "failed") return failed(() => setState("waiting"));
    const View = fetched;
    return View ? <View {...props} /> : <Waiting words="One moment…" />;
  };
}
