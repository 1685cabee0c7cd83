/** Moving, scaling and turning a part of a design, within what the service takes. Whole numbers only. */
import type { DesignParameters } from "@holdfast/protocol";

export type Part = "text" | "picture";

export interface At { x_um: number; y_um: number; size: number; rotation_deg: number }

const FAR_UM = 400_000;
const whole = (value: number, least: number, most: number): number => Math.round(Math.min(most, Math.max(least, value)));

/** The design with one part elsewhere; the text where there is no picture to move. */
export function clamped(looks: DesignParameters, part: Part, to: (at: At) => At): DesignParameters {
  const { picture, text } = looks;
  if (part === "picture" && picture) {
    const at = to({ ...picture, size: picture.scale_bp });
    return { ...looks, picture: { ...picture, ...placed(at), scale_bp: whole(at.size, 1_000, 60_000) } };
  }
  const at = to({ ...text, size: text.size_um });
  return { ...looks, text: { ...text, ...placed(at), size_um: whole(at.size, 3_000, 120_000) } };
}

function placed(at: At): { x_um: number; y_um: number; rotation_deg: number } {
  return {
    x_um: whole(at.x_um, -FAR_UM, FAR_UM), y_um: whole(at.y_um, -FAR_UM, FAR_UM), rotation_deg: whole(at.rotation_deg, -180, 180),
  };
}
