/** What a buyer types in, and how one field of it is drawn. */
import type { JSX } from "preact";

export interface Typed {
  name: string;
  email: string;
  note: string;
  collects: boolean;
  street: string;
  more: string;
  postal_code: string;
  city: string;
  region: string;
  country: string;
}

export function Field({ words, children }: { words: string; children: JSX.Element }): JSX.Element {
  return <label class="field"><span>{words}</span>{children}</label>;
}
