/** Every version that was published; any of them can become the draft again. */
import type { JSX } from "preact";
import { Empty } from "@holdfast/pages";
import { useAct } from "../act";
import { Card, moment } from "../page";
import type { MenuView } from "./view";

export function History({ desk, seen }: MenuView): JSX.Element {
  const act = useAct();
  if (seen.versions.length === 0) return <Empty title="Nothing published yet"><p>Versions appear here as they are published, and stay.</p></Empty>;
  return (
    <Card title="Versions">
      {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
      <ul class="rows">
        {seen.versions.map((version) => (
          <li key={version.version} class="row">
            <span class="row-words">
              <strong>Version {version.version}{version.note && `: ${version.note}`}</strong>
              <span class="soft">{version.published_by} · {moment(version.published_at)}</span>
            </span>
            {desk.whole && desk.editable && <button type="button" class="button small" disabled={act.busy} onClick={() => act.run(() => desk.restore(version.version))}>Make it the draft</button>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
