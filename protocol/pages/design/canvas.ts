/** Draws a design on a canvas while it is being made; what is printed is painted by `protocol/drawing`. */
import type { DesignParameters, DesignTemplate } from "@holdfast/protocol";
import { linesAt, pictureAt, type Measure } from "./layout";

const measuring = document.createElement("canvas").getContext("2d")!;
const loaded = new Map<string, Promise<string>>();

/** Scripts that no face of the choice has; their own files are too large for a phone. The painted preview shows the truth. */
const OTHER_SCRIPTS = /[\u0590-\u08ff\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufdff\ufe70-\uffef\u{20000}-\u{3ffff}]/u;

/** What the face of emoji is fetched for; it is nearly a megabyte. */
const EMOJI = /[\u2190-\u2bff\u{1f000}-\u{1ffff}]/u;

/** As `protocol/drawing/faces.py` has it: what only chooses a form is nothing, and the red heart is solid. */
const drawn = (text: string): string => text.replace(/[\ufe0e\ufe0f]/g, "").replaceAll("\u2764", "\u2665");

/** The CSS families of a text, once their files are here; the device's own for texts of other scripts. */
export async function family(face: string, text: string): Promise<string> {
  if (OTHER_SCRIPTS.test(text)) return "sans-serif";
  const own = await file(face);
  if (!EMOJI.test(text)) return own;
  const emoji = await file("emoji").catch(() => "sans-serif");
  return `${own}, ${emoji}`;
}

function file(face: string): Promise<string> {
  const name = `holdfast-${face}`;
  let loading = loaded.get(face);
  if (!loading) {
    const font = new FontFace(name, `url(/shop/faces/${face})`);
    loading = font.load().then((ready) => {
      document.fonts.add(ready);
      return `"${name}"`;
    });
    loaded.set(face, loading);
    loading.catch(() => loaded.delete(face));
  }
  return loading;
}

/** Widths as the face itself has them: nothing is drawn nearer together. */
export function measureOf(name: string): Measure {
  return (text) => {
    measuring.font = `1000px ${name}`;
    measuring.fontKerning = "none";
    return measuring.measureText(drawn(text)).width / 1000;
  };
}

/** Paint everything; false where the text does not fit. */
export function draw(
  canvas: HTMLCanvasElement, template: DesignTemplate, parameters: DesignParameters, name: string,
  picture: CanvasImageSource | null, size_px: [number, number],
): boolean {
  const context = canvas.getContext("2d")!;
  const scale = canvas.width / template.width_um;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = parameters.background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  const placed = pictureAt(template, parameters, size_px);
  if (placed && picture) {
    context.setTransform(scale, 0, 0, scale, placed.x_um * scale, placed.y_um * scale);
    context.rotate((placed.rotation_deg * Math.PI) / 180);
    context.drawImage(picture, -placed.width_um / 2, -placed.height_um / 2, placed.width_um, placed.height_um);
  }
  const lines = linesAt(template, parameters.text, measureOf(name));
  for (const line of lines ?? []) {
    context.setTransform(1, 0, 0, 1, line.x_um * scale, line.y_um * scale);
    context.rotate((parameters.text.rotation_deg * Math.PI) / 180);
    context.font = `${line.size_um * scale}px ${name}`;
    context.fontKerning = "none";
    context.fillStyle = parameters.text.colour;
    context.textAlign = "center";
    const text = drawn(line.text);
    const box = context.measureText(text);
    // The line's box reaches from the face's ascent to its descent; its middle is where the line lies.
    context.fillText(text, 0, (box.fontBoundingBoxAscent - box.fontBoundingBoxDescent) / 2);
  }
  return lines !== null;
}
