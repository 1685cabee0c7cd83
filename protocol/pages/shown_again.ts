/**
 * A page that was left for another site may be shown again as it was left, with whatever was under way then.
 *
 * Browsers keep pages for the way back without loading them anew; a button that was pressed on the way out would say for ever
 * that it is at work. A page says that it is shown when it was loaded, too: that is no second time, and what was pressed before
 * it had every picture is still under way.
 */
import { useEffect } from "preact/hooks";

/** `then` is done whenever this very page is shown again, as long as the component is there. */
export function useShownAgain(then: () => void): void {
  useEffect(() => whenShownAgain(then), []);
}

/** The same until what it hands back is called. */
export function whenShownAgain(then: () => void, page: EventTarget = window): () => void {
  const shown = (event: Event): void => {
    if ((event as PageTransitionEvent).persisted) then();
  };
  page.addEventListener("pageshow", shown);
  return () => page.removeEventListener("pageshow", shown);
}
