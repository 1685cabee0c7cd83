/** What a design looks like, fetched with the browser's key because nobody else may see it. */
import type { JSX } from "preact";
import { useFound } from "./asked";
import type { Counter } from "./counter";

interface Design {
  preview_image_url: string | null;
  name?: string;
}

interface PictureProps {
  counter: Counter;
  design_id: string;
  alt: string;
  /** Whether what it is stands beside it. */
  named?: boolean;
}

export function Picture({ counter, design_id, alt, named = false }: PictureProps): JSX.Element {
  const found = useFound<Design>(design_id, () => counter.ask("GET", `/designs/${encodeURIComponent(design_id)}`));
  const url = found.body?.preview_image_url ?? null;
  return (
    <>
      {url === null ? <span class="picture" aria-hidden="true"><span class="logo-mark" /></span> : <img class="picture" src={url} alt={alt} />}
      {named && <strong class="thing-name">{found.body?.name}</strong>}
    </>
  );
}
