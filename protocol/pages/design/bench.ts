/**
 * One design on the bench: what it looks like now, what it looked like before, and what the service has of it.
 *
 * Every change is seen at once; it is saved and painted a moment after the last one. While nobody answers, changes stay
 * here and are tried again, and the page says so. A change made elsewhere in the meantime wins and is shown.
 */
import { computed, signal } from "@preact/signals";
import type { DesignParameters, DesignTemplate, PictureReply, ShopDesign, ShopProduct } from "@holdfast/protocol";
import { Refused } from "../http";
import { keep, recall } from "../keep";

/** What the service of a page has to be able to do; the box's and the cloud's differ in their addresses only. */
export interface ShopService {
  begin(design_id: string, product_id: string, parameters: DesignParameters): Promise<ShopDesign>;
  look(design_id: string): Promise<ShopDesign>;
  change(design_id: string, version: number, parameters: DesignParameters): Promise<ShopDesign>;
  preview(design_id: string, parameters: DesignParameters): Promise<string>;
  upload(file: Blob): Promise<PictureReply>;
  pictureUrl(blob: string): string;
}

const SAVE_AFTER_MS = 400;
const AGAIN_AFTER_MS = 2_500;
const MOST_UNDO = 60;

export const BLANK: DesignParameters = {
  picture: null,
  text: { text: "", face: "hand", colour: "#12343b", x_um: 0, y_um: 0, size_um: 22_000, rotation_deg: 0 },
  background: "#fff6e0",
};

export class Bench {
  readonly looks = signal<DesignParameters>(BLANK);
  readonly preview = signal<string | null>(null);
  readonly trouble = signal<string | null>(null);
  readonly offline = signal(false);
  readonly saved = signal(true);
  readonly uploading = signal(false);
  readonly picture = signal<{ source: CanvasImageSource; size_px: [number, number] } | null>(null);
  private readonly past = signal<DesignParameters[]>([]);
  private readonly future = signal<DesignParameters[]>([]);
  readonly canUndo = computed(() => this.past.value.length > 0);
  readonly canRedo = computed(() => this.future.value.length > 0);
  private design: ShopDesign | null = null;
  private timer = 0;
  private working = false;
  private ended = false;

  constructor(
    readonly service: ShopService, readonly product: ShopProduct, readonly template: DesignTemplate, readonly design_id: string,
  ) {}

  get version(): number {
    return this.design?.version ?? 1;
  }

  /** Take the design up where it was left, or begin it. */
  start(): void {
    const kept = recall<DesignParameters>(this.place);
    if (kept) this.looks.value = kept;
    this.soon(0);
  }

  stop(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private get place(): string {
    return `design.${this.design_id}`;
  }

  /** Change something; `step` false for what belongs to the change before, such as the next pixel of a drag. */
  change(looks: DesignParameters, step = true): void {
    if (step) {
      this.past.value = [...this.past.value, this.looks.value].slice(-MOST_UNDO);
      this.future.value = [];
    }
    this.show(looks);
  }

  undo(): void {
    const before = this.past.value[this.past.value.length - 1];
    if (!before) return;
    this.past.value = this.past.value.slice(0, -1);
    this.future.value = [this.looks.value, ...this.future.value];
    this.show(before);
  }

  redo(): void {
    const [next, ...rest] = this.future.value;
    if (!next) return;
    this.future.value = rest;
    this.past.value = [...this.past.value, this.looks.value];
    this.show(next);
  }

  private show(looks: DesignParameters): void {
    this.looks.value = looks;
    this.saved.value = false;
    keep(this.place, looks);
    void this.fetchPicture(looks);
    this.soon(SAVE_AFTER_MS);
  }

  async upload(file: File): Promise<void> {
    this.uploading.value = true;
    this.trouble.value = null;
    try {
      const taken = await this.service.upload(file);
      this.picture.value = { source: await createImageBitmap(file), size_px: [taken.width_px, taken.height_px] };
      this.shownBlob = taken.blob;
      this.change({ ...this.looks.value, picture: { blob: taken.blob, x_um: 0, y_um: 0, scale_bp: 10_000, rotation_deg: 0 } });
    } catch (error) {
      this.trouble.value = error instanceof Refused ? error.message : "The picture did not get through. Please try again.";
    } finally {
      this.uploading.value = false;
    }
  }

  private shownBlob = "";

  private async fetchPicture(looks: DesignParameters): Promise<void> {
    const blob = looks.picture?.blob ?? "";
    if (!blob || blob === this.shownBlob) return;
    this.shownBlob = blob;
    const image = new Image();
    image.src = this.service.pictureUrl(blob);
    try {
      await image.decode();
      // Another one was chosen while this one came.
      if (this.shownBlob !== blob) return;
      this.picture.value = { source: image, size_px: [image.naturalWidth, image.naturalHeight] };
    } catch {
      if (this.shownBlob === blob) this.shownBlob = "";
    }
  }

  private soon(after_ms: number): void {
    clearTimeout(this.timer);
    if (!this.ended) this.timer = window.setTimeout(() => void this.save(), after_ms);
  }

  /** Everything is saved, or there is a trouble to be seen. */
  async settle(): Promise<boolean> {
    clearTimeout(this.timer);
    await this.save();
    return this.saved.value && this.trouble.value === null;
  }

  private async save(): Promise<void> {
    if (this.working) return this.soon(SAVE_AFTER_MS);
    this.working = true;
    const looks = this.looks.value;
    try {
      await this.put(looks);
      this.preview.value = await this.service.preview(this.design_id, looks);
      this.offline.value = false;
      this.trouble.value = null;
      if (this.looks.value === looks) this.saved.value = true;
    } catch (error) {
      this.failed(error);
    } finally {
      this.working = false;
    }
    if (this.looks.value !== looks) this.soon(SAVE_AFTER_MS);
  }

  private async put(looks: DesignParameters): Promise<void> {
    if (!this.design) {
      try {
        this.design = await this.service.look(this.design_id);
        if (!recall(this.place)) this.looks.value = this.design.parameters;
        void this.fetchPicture(this.looks.value);
      } catch (error) {
        if (!(error instanceof Refused && error.code === "unknown_design")) throw error;
        this.design = await this.service.begin(this.design_id, this.product.product_id, looks);
        this.takeVariant();
      }
    }
    if (JSON.stringify(this.design.parameters) === JSON.stringify(looks)) return;
    this.design = await this.service.change(this.design_id, this.design.version, looks);
  }

  /** The service has chosen a size and colour where nobody had: the first that can be had. */
  private takeVariant(): void {
    const variant = this.design?.parameters.variant;
    if (variant && !this.looks.value.variant) this.looks.value = { ...this.looks.value, variant };
  }

  private failed(error: unknown): void {
    if (!(error instanceof Refused)) {
      this.offline.value = true;
      return this.soon(AGAIN_AFTER_MS);
    }
    this.offline.value = false;
    if (error.code === "design_conflict") {
      this.design = null;
      return this.soon(0);
    }
    this.trouble.value = error.message;
    if (error.status === 429 || error.status === 503) this.soon(AGAIN_AFTER_MS);
  }
}
