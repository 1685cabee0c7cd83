/**
 * Where everything of a design lies, for the live picture under a guest's finger.
 *
 * The same as `protocol/design/layout.py`, which decides what is painted and printed; both are held to the examples in
 * `tests/vectors/layout.json`. Lengths in micrometres, angles in degrees clockwise.
 */
import type { DesignParameters, DesignTemplate, PlacedText } from "@holdfast/protocol";

export interface PictureDraw { x_um: number; y_um: number; width_um: number; height_um: number; rotation_deg: number }
export interface LineDraw { text: string; size_um: number; x_um: number; y_um: number }

const SMALLEST_UM = 2_500;

/** How wide a text is in a face of size 1. */
export type Measure = (text: string) => number;

export function pictureAt(template: DesignTemplate, parameters: DesignParameters, size_px: [number, number]): PictureDraw | null {
  const placed = parameters.picture;
  if (!placed) return null;
  const [wide, high] = size_px;
  const byWidth = template.width_um * high >= template.height_um * wide;
  const width_um = byWidth ? template.width_um : Math.floor((template.height_um * wide) / high);
  const height_um = byWidth ? Math.floor((template.width_um * high) / wide) : template.height_um;
  return {
    x_um: Math.floor(template.width_um / 2) + placed.x_um,
    y_um: Math.floor(template.height_um / 2) + placed.y_um,
    width_um: Math.max(1, Math.floor((width_um * placed.scale_bp) / 10_000)),
    height_um: Math.max(1, Math.floor((height_um * placed.scale_bp) / 10_000)),
    rotation_deg: placed.rotation_deg,
  };
}

export function roomOf(template: DesignTemplate): [number, number] {
  const width = template.width_um - 2 * template.safe_um;
  const height = template.height_um - 2 * template.safe_um;
  if (template.shape !== "round") return [width, height];
  return [Math.floor((width * 7_071) / 10_000), Math.floor((height * 7_071) / 10_000)];
}

/** Chinese and Japanese, whose lines may end after any letter; and what never begins a line. */
const ANYWHERE = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u{20000}-\u{3ffff}]/u;
const CLOSING = "、。，．・：；？！）］｝〉》」』】〕ー々っッゃゅょャュョ";

/** What must stay together, each with what joins it to the piece before: a blank or nothing. */
function piecesOf(paragraph: string): [string, string][] {
  const found: [string, string][] = [];
  for (const word of paragraph.split(" ")) {
    let glue = " ";
    let piece = "";
    let last = "";
    for (const letter of word) {
      const apart = ANYWHERE.test(letter) || ANYWHERE.test(last);
      if (piece && apart && !CLOSING.includes(letter)) {
        found.push([glue, piece]);
        glue = "";
        piece = "";
      }
      piece += letter;
      last = letter;
    }
    found.push([glue, piece]);
  }
  return found;
}

/** Lines of at most `most`; null where something that cannot be broken is wider. */
export function brokenAt(text: string, measure: Measure, most: number): string[] | null {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const [glue, piece] of piecesOf(paragraph)) {
      const longer = line ? `${line}${glue}${piece}` : piece;
      if (measure(longer) <= most) line = longer;
      else if (line && measure(piece) <= most) {
        lines.push(line);
        line = piece;
      } else return null;
    }
    lines.push(line);
  }
  return lines;
}

/** The text's lines; null where it does not fit however small. */
export function linesAt(template: DesignTemplate, placed: PlacedText, measure: Measure): LineDraw[] | null {
  const text = placed.text.trim();
  if (!text) return [];
  const [width, height] = roomOf(template);
  let size_um = placed.size_um;
  for (;;) {
    const broken = brokenAt(text, measure, width / size_um);
    if (broken && Math.floor((broken.length * size_um * 120) / 100) <= height) return set(template, placed, size_um, broken);
    if (size_um <= SMALLEST_UM) return null;
    size_um = Math.max(SMALLEST_UM, Math.floor((size_um * 19) / 20));
  }
}

function set(template: DesignTemplate, placed: PlacedText, size_um: number, broken: string[]): LineDraw[] {
  const turn = (placed.rotation_deg * Math.PI) / 180;
  return broken.map((text, place) => {
    const down_um = Math.floor(((2 * place - broken.length + 1) * size_um * 120) / 200);
    return {
      text, size_um,
      x_um: Math.floor(template.width_um / 2) + placed.x_um + Math.round(-Math.sin(turn) * down_um),
      y_um: Math.floor(template.height_um / 2) + placed.y_um + Math.round(Math.cos(turn) * down_um),
    };
  }).filter((line) => line.text !== "");
}
