/** Something that is shown this once: a link or a token, ready to be copied. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";

export interface OnceProps {
  title: string;
  words: string;
  text: string;
  onDone: () => void;
}

export function Once({ title, words, text, onDone }: OnceProps): JSX.Element {
  const copied = useSignal(false);
  const copy = (): void => {
    navigator.clipboard?.writeText(text).then(() => (copied.value = true), () => (copied.value = false));
  };
  return (
    <div class="form">
      <h2>{title}</h2>
      <p>{words}</p>
      <textarea class="input secret" readOnly rows={3} aria-label={title} value={text} onFocus={(event) => event.currentTarget.select()} />
      <div class="page-actions">
        <button type="button" class="button go" onClick={copy}>{copied.value ? "Copied" : "Copy"}</button>
        <button type="button" class="button" onClick={onDone}>Done</button>
      </div>
    </div>
  );
}
