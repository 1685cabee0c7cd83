/** What is different between two menus, thing by thing: before and after. */
import type { JSX } from "preact";
import { Badge, type Tone } from "@holdfast/pages";
import type { Difference } from "./parts";
import { FIELD_WORDS, type Words } from "./words";

const TONES: Readonly<Record<Difference["how"], Tone>> = { added: "good", removed: "bad", changed: "warn" };

export function Changes({ differences, words }: { differences: Difference[]; words: Words }): JSX.Element {
  return (
    <ul class="changes">
      {differences.map((difference) => (
        <li key={difference.key} class="change">
          <strong>{words.title(difference)}</strong> <Badge tone={TONES[difference.how]}>{difference.how}</Badge>
          {difference.how === "changed" && (
            <dl>
              {difference.fields.map((field) => (
                <div key={field}>
                  <dt>{FIELD_WORDS[field] ?? field}</dt>
                  <dd><del>{words.value(field, difference.before?.[field])}</del> <span aria-hidden="true">→</span> <ins>{words.value(field, difference.after?.[field])}</ins></dd>
                </div>
              ))}
            </dl>
          )}
          {difference.how !== "changed" && difference.kind !== "question" && (
            <span class="soft number"> {words.value("price_minor", (difference.after ?? difference.before)?.["price_minor"])}</span>
          )}
        </li>
      ))}
    </ul>
  );
}
