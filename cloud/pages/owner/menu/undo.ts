/**
 * What a manager can take back: their own steps on this page, the newest first.
 *
 * Taking a step back is an edit like any other: it is put together with what colleagues changed meanwhile, and where they
 * changed the same field theirs stays. Letters typed into one field are one step. Rule of the file: pure but for the list.
 */
import { differences, merged, settled } from "./parts";
import type { BrandMenu } from "./shapes";

interface Step {
  before: BrandMenu;
  after: BrandMenu;
  /** Which fields of which things it was about. */
  about: string;
  at_ms: number;
}

/** So long one may think while typing. */
const PAUSE_MS = 2_000;
const MOST = 100;

export class Steps {
  private readonly steps: Step[] = [];

  get count(): number {
    return this.steps.length;
  }

  took(before: BrandMenu, after: BrandMenu, at_ms: number): void {
    const about = differences(before, after).map(({ key, fields }) => `${key} ${fields.join()}`).join();
    const last = this.steps.at(-1);
    const typing = last !== undefined && last.about === about && !about.startsWith("order") && at_ms - last.at_ms < PAUSE_MS;
    if (typing) this.steps.splice(-1, 1, { ...last, after, at_ms });
    else this.steps.push({ before, after, about, at_ms });
    if (this.steps.length > MOST) this.steps.shift();
  }

  /** The menu without the newest step; null where there is none. */
  back(now: BrandMenu): BrandMenu | null {
    const step = this.steps.pop();
    if (!step) return null;
    const { menu, clashes } = merged(step.after, step.before, now);
    return settled(menu, clashes);
  }
}
