/**
 * A dish's picture: chosen here, made small and safe by the cloud, in the draft like any other field.
 *
 * Counterpart: `cloud/owners/menu/pictures.py`.
 */
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { upload } from "@holdfast/pages/design/upload";
import { useAct } from "../act";
import type { Desk } from "./desk";
import type { Item, Picture } from "./shapes";

export function PictureField({ desk, item, onPicture }: { desk: Desk; item: Item; onPicture: (picture: Picture | null) => void }): JSX.Element {
  const file = useRef<HTMLInputElement>(null);
  const act = useAct();
  const take = (chosen: File | undefined): void => {
    if (!chosen) return;
    act.run(async () => onPicture(await upload<Picture>(desk.pictures, chosen, desk.proof())));
    file.current!.value = "";
  };
  return (
    <div class="dish-picture">
      {item.picture
        ? <img class="dish-picture-shown" src={`${desk.pictures}/${item.picture.large}`} width={item.picture.width_px} height={item.picture.height_px} loading="lazy" alt={`Picture of ${item.name}`} />
        : <p class="soft">No picture. Guests see one beside the dish, and large when they open it.</p>}
      <div class="page-actions">
        <label class="button small" data-busy={act.busy}>
          {act.busy ? "Uploading…" : item.picture ? "Another picture" : "Choose a picture"}
          <input ref={file} class="unseen" type="file" accept="image/jpeg,image/png,image/webp" disabled={act.busy || !desk.whole || !desk.editable} aria-label="Picture" onChange={(event) => take(event.currentTarget.files?.[0])} />
        </label>
        {item.picture && <button type="button" class="button small" disabled={act.busy} onClick={() => onPicture(null)}>Remove picture</button>}
      </div>
      {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
    </div>
  );
}
