/** The live picture lies where the painted one does: examples shared with `tests/unit/protocol/design`. */
import { expect, test } from "vitest";
import type { DesignParameters, DesignTemplate } from "@holdfast/protocol";
import written from "../../../vectors/layout.json";
import { linesAt, pictureAt } from "../../../../protocol/pages/design/layout";
import { clamped } from "../../../../protocol/pages/design/moves";

interface Drawn { type: string; [field: string]: unknown }
interface Example {
  template: string;
  sizes: DesignTemplate;
  parameters: DesignParameters;
  picture_px: [number, number] | null;
  drawn: Drawn[];
  widths: Record<string, number>;
}

const examples = written as unknown as Example[];

test.each(examples.map((each) => [each.template, each] as const))("a design on a %s", (_name, example) => {
  const lines = linesAt(example.sizes, example.parameters.text, (text) => example.widths[text] ?? NaN);
  const wanted = example.drawn.filter((each) => each.type === "Line");
  expect(lines?.map(({ text, size_um, x_um, y_um }) => ({ text, size_um, x_um, y_um })))
    .toEqual(wanted.map(({ text, size_um, x_um, y_um }) => ({ text, size_um, x_um, y_um })));
  const picture = example.drawn.find((each) => each.type === "Picture");
  const placed = example.picture_px ? pictureAt(example.sizes, example.parameters, example.picture_px) : null;
  expect(placed).toEqual(picture ? { x_um: picture.x_um, y_um: picture.y_um, width_um: picture.width_um, height_um: picture.height_um, rotation_deg: picture.rotation_deg } : null);
});

test("a part is moved within what the service takes, in whole numbers", () => {
  const looks = examples[0]!.parameters;
  const far = clamped(looks, "text", (at) => ({ ...at, x_um: 9e9, size: 1, rotation_deg: -720 }));
  expect(far.text).toMatchObject({ x_um: 400_000, size_um: 3_000, rotation_deg: -180 });
  expect(clamped(looks, "text", (at) => ({ ...at, y_um: at.y_um + 0.4 })).text.y_um).toBe(looks.text.y_um);
});
