/**
 * One brand's menu on one manager's desk: what is edited, what the cloud has of it, and how the two are brought together.
 *
 *     same --edit--> changed --a moment's rest--> saving --> same
 *                       ^                            `-- draft_changed --> merged --> changed, or clashes are shown
 *                       `-- unreachable (kept, tried again every few seconds)
 *
 * Nothing that was typed is ever dropped: a colleague's newer draft is put together with ours, and where both changed the
 * same field somebody is asked. Counterpart: `cloud/owners/menu/desk.py`.
 */
import { batch, computed, signal } from "@preact/signals";
import { forget, keep, LastWord, recall, Refused } from "@holdfast/pages";
import type { Fleet } from "../fleet";
import { problemOf } from "../states";
import { differences, merged, same, settled, type Clash } from "./parts";
import type { BrandMenu, MenuAnswer } from "./shapes";
import { Steps } from "./undo";

export type Saving = "same" | "changed" | "saving" | "clashing" | "waiting";

const REST_MS = 700;
const AGAIN_MS = 4_000;

interface Newer {
  draft: BrandMenu;
  draft_version: number;
  saved_by: string;
  published_version: number;
  /** For those who work on the published menu. */
  published?: BrandMenu;
}

/** What was not saved when the page went away, and what it was made from; this browser keeps it until it is. */
interface Kept {
  mine: BrandMenu;
  base: BrandMenu;
}

export class Desk {
  readonly seen = signal<MenuAnswer | null>(null);
  readonly draft = signal<BrandMenu | null>(null);
  readonly state = signal<Saving>("same");
  readonly problem = signal<string | null>(null);
  /** What a colleague did while we edited; in words. */
  readonly news = signal<string | null>(null);
  readonly clashes = signal<Clash[]>([]);
  /** How many steps can be taken back. */
  readonly undoable = signal(0);
  readonly differences = computed(() => {
    const [seen, draft] = [this.seen.value, this.draft.value];
    if (!seen || !draft) return [];
    return differences(seen.published ?? { menu: { ...draft.menu, categories: [], items: [], modifier_groups: [] } }, draft);
  });
  /** What the cloud's draft was when we last agreed with it. */
  private base: BrandMenu | null = null;
  private readonly steps = new Steps();
  private readonly word = new LastWord(() => this.fleet.ask<MenuAnswer>("GET", this.path), (seen) => this.take(seen), (error) => (this.problem.value = problemOf(error)));
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly path: string;
  /** Where pictures of dishes are uploaded, and found by name. */
  readonly pictures: string;
  /** Under the person's own name: a colleague at the same desk is not asked about it. */
  private readonly kept: string;

  /** `whole`: dishes and what holds everywhere, too; others say what is different at their venues. */
  constructor(private readonly fleet: Fleet, readonly brand_id: string, readonly editable: boolean, readonly whole: boolean) {
    this.path = `/api/brands/${brand_id}/menu`;
    this.pictures = `${this.path}/pictures`;
    this.kept = `menu.${brand_id}.${fleet.account.value?.email ?? ""}`;
  }

  /** Headers that let a change through. */
  proof(): Record<string, string> {
    return { "X-CSRF-Token": this.fleet.account.value?.csrf ?? "" };
  }

  close(): void {
    if (this.state.value === "changed") void this.save();
    clearTimeout(this.timer);
  }

  load(): Promise<void> {
    this.problem.value = null;
    return this.word.ask();
  }

  /**
   * What is edited or being saved keeps the draft that it was made from: the cloud then says no to it, and both are put
   * together. Nor does a draft count that was asked for before a save and came after it.
   */
  private take(seen: MenuAnswer): void {
    const known = this.seen.value;
    batch(() => {
      if (known === null || (this.state.value === "same" && seen.draft_version >= known.draft_version)) {
        this.seen.value = seen;
        this.agree(seen.draft);
      } else {
        const { draft, draft_version, saved_by, saved_at } = known;
        this.seen.value = { ...seen, draft, draft_version, saved_by, saved_at };
      }
      if (known === null && this.editable) this.recover(seen);
    });
  }

  edit(change: (brand: BrandMenu) => BrandMenu): void {
    const before = this.draft.value;
    if (!before || !this.editable) return;
    const after = change(before);
    if (same(after, before)) return;
    this.steps.took(before, after, Date.now());
    this.become(after, before);
  }

  /** Takes the newest step back, whoever changed other things since. */
  undo(): void {
    const before = this.draft.value;
    if (!before || this.state.value === "clashing") return;
    const after = this.steps.back(before);
    if (after) this.become(after, before);
  }

  private become(after: BrandMenu, before: BrandMenu): void {
    this.undoable.value = this.steps.count;
    this.draft.value = after;
    keep(this.kept, { mine: after, base: this.base ?? before } satisfies Kept);
    if (this.state.value !== "saving" && this.state.value !== "clashing") this.soon(REST_MS);
  }

  /** Saves at once what is not saved yet; true when the cloud has everything that is on the page. */
  async save(): Promise<boolean> {
    clearTimeout(this.timer);
    const [draft, seen] = [this.draft.value, this.seen.value];
    if (!draft || !seen || this.state.value === "clashing" || this.state.value === "saving") return false;
    // What a venue has already may be published as it is; only then nobody has saved it before.
    if (this.state.value === "same" && seen.draft_version > 0) return true;
    this.state.value = "saving";
    try {
      const { draft_version } = await this.fleet.ask<{ draft_version: number }>("PUT", `${this.path}/draft`, { draft, draft_version: seen.draft_version, published_version: seen.published_version });
      return this.saved(draft, draft_version);
    } catch (error) {
      this.failed(error);
      return false;
    }
  }

  /** Whether that is all there is: somebody may have typed on while it was saved. */
  private saved(draft: BrandMenu, draft_version: number): boolean {
    const all = same(this.draft.value, draft);
    batch(() => {
      this.seen.value = { ...this.seen.value!, draft, draft_version, saved_by: this.fleet.account.value?.email ?? null, saved_at: new Date().toISOString() };
      this.base = draft;
      this.problem.value = null;
      this.state.value = "same";
      if (all) forget(this.kept);
      else this.soon(REST_MS);
    });
    return all;
  }

  private failed(error: unknown): void {
    this.state.value = "changed";
    const newer = error instanceof Refused && error.code === "draft_changed" ? (error.detail as Newer | null) : null;
    if (newer) return this.meet(newer);
    this.problem.value = problemOf(error);
    if (!(error instanceof Refused)) {
      this.state.value = "waiting";
      this.timer = setTimeout(() => void this.save(), AGAIN_MS);
    }
  }

  /** A colleague saved first: put theirs and ours together. */
  private meet({ draft, draft_version, saved_by, published_version, published }: Newer): void {
    const { menu, clashes } = merged(this.base ?? draft, this.draft.value!, draft);
    batch(() => {
      this.seen.value = { ...this.seen.value!, draft, draft_version, saved_by, ...(published ? { published, published_version } : {}) };
      this.base = draft;
      this.draft.value = menu;
      this.clashes.value = clashes;
      this.problem.value = null;
      this.news.value = `${saved_by} edited this menu at the same time. Your changes and theirs are put together.`;
      if (clashes.length > 0) this.state.value = "clashing";
      else this.soon(0);
    });
  }

  /** Somebody has looked at what both changed; `theirs` are those where the colleague's is right. */
  settle(theirs: Clash[]): void {
    batch(() => {
      this.draft.value = settled(this.draft.value!, theirs);
      this.clashes.value = [];
      this.soon(0);
    });
  }

  private soon(delay_ms: number): void {
    clearTimeout(this.timer);
    this.state.value = "changed";
    this.timer = setTimeout(() => void this.save(), delay_ms);
  }

  /** Put what an earlier page could not save together with what the cloud has by now. */
  private recover(seen: MenuAnswer): void {
    const left = recall<Kept>(this.kept);
    if (!left || same(left.mine, seen.draft)) return forget(this.kept);
    this.draft.value = left.mine;
    this.base = left.base;
    this.meet({ draft: seen.draft, draft_version: seen.draft_version, saved_by: seen.saved_by ?? "Somebody", published_version: seen.published_version });
    this.news.value = "What was not saved last time is here again.";
  }

  private agree(draft: BrandMenu): void {
    this.draft.value = draft;
    this.base = draft;
  }

  /** Raises `Refused` or `Unreachable`; after either, what is seen is fetched anew. */
  async publish(venues: string[], note: string): Promise<number> {
    const seen = this.seen.value!;
    const body = { draft_version: seen.draft_version, published_version: seen.published_version, venues, note };
    try {
      return (await this.fleet.ask<{ version: number }>("POST", `${this.path}/publish`, body)).version;
    } finally {
      await this.load();
    }
  }

  /** Makes a published version the draft; the differences are there to look at before anything is published. */
  async restore(version: number): Promise<void> {
    const { body } = await this.fleet.ask<{ body: BrandMenu }>("GET", `${this.path}/versions/${version}`);
    this.edit(() => body);
  }
}
