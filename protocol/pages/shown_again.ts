/**
 * A page that was left for another site may be shown again as it was left, with whatever was under way then.
 *
 * Browsers keep pages for the way back without loading them anew; a button that was pressed on the way out would say for ever
 * that it is at work.
 */
import { useEffect } from "preact/hooks";

/** `then` is done whenever this very page is shown again. */
export function useShownAgain(then: () => void): void {
  useEffect(() => {
    addEventListener("pageshow", then);
    return () => removeEventListener("pageshow", then);
  }, []);
}
