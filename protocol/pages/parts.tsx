/**
 * The parts that every page is made of.
 *
 * Rule of the file: a part shows what it is given and reports what was done to it; it keeps no state of the business.
 */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** The mark is a mask, so that one file serves every colour and both themes. */
export function Logo({ words = true }: { words?: boolean }): JSX.Element {
  return (
    <span class="logo">
      <span class="logo-mark" aria-hidden="true" />
      <span class={words ? "logo-words" : "unseen"}>Holdfast</span>
    </span>
  );
}

export type Tone = "calm" | "good" | "warn" | "bad";

export function Badge({ tone = "calm", children }: { tone?: Tone; children: ComponentChildren }): JSX.Element {
  return <span class={`badge ${tone}`}>{children}</span>;
}

/** A strip across the top. It stays in the tree while hidden, so that screen readers hear it change. */
export function Banner({ tone, shown, children }: { tone: Tone; shown: boolean; children: ComponentChildren }): JSX.Element {
  return (
    <div class={`banner ${tone}`} role="status" aria-live="polite" data-shown={shown}>
      {shown ? <div class="banner-words">{children}</div> : null}
    </div>
  );
}

/** What to show where there is nothing to show: never an empty box. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <span class="logo-mark" aria-hidden="true" />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Waiting({ words }: { words: string }): JSX.Element {
  return (
    <div class="waiting" role="status">
      <span class="spinner" aria-hidden="true" />
      {words}
    </div>
  );
}

const HUES = 7;

/** A person as initials on a colour of their own. The colour follows the id, so it is the same on every phone. */
export function Face({ id, name, small = false }: { id: string; name: string; small?: boolean }): JSX.Element {
  const hue = [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7) % HUES;
  const initials = name.trim().split(/\s+/).slice(0, 2).map((word) => [...word][0]?.toUpperCase() ?? "").join("");
  return (
    <span class={small ? "face small" : "face"} data-hue={hue} title={name} aria-hidden="true">
      {initials || "?"}
    </span>
  );
}

export interface SheetProps {
  label: string;
  onClose: () => void;
  /** False where the content brings its own way out. */
  button?: boolean;
  class?: string;
  children: ComponentChildren;
}

/** A modal over the page: from the bottom on a phone, centred on a wide screen. */
export function Sheet({ label, onClose, button = true, class: extra = "", children }: SheetProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  const cancel = (event: Event): void => {
    event.preventDefault();
    onClose();
  };
  const backdrop = (event: MouseEvent): void => {
    if (event.target === dialog.current) onClose();
  };
  return (
    <dialog ref={dialog} class={`sheet ${extra}`} aria-label={label} onCancel={cancel} onClick={backdrop}>
      <div class="sheet-body">
        {button ? <button type="button" class="sheet-close" aria-label="Close" onClick={onClose}>×</button> : null}
        {children}
      </div>
    </dialog>
  );
}

export interface ToastProps {
  tone: Tone;
  words: string;
  onClose: () => void;
}

/** A short notice that goes away by itself after six seconds. */
export function Toast({ tone, words, onClose }: ToastProps): JSX.Element {
  useEffect(() => {
    const alarm = setTimeout(onClose, 6_000);
    return () => clearTimeout(alarm);
  }, [words]);
  return (
    <div class={`toast ${tone}`} role="alert">
      <span>{words}</span>
      <button type="button" class="toast-close" aria-label="Dismiss" onClick={onClose}>×</button>
    </div>
  );
}
