/** The till as this tablet knows it: the open shift with its report, shifts before it, bills that are still owed. */
import { batch, computed, signal } from "@preact/signals";
import type { BillRow, Bills, Shift, ShiftRow, Shifts } from "@holdfast/protocol";
import { LastWord } from "@holdfast/pages";
import { wordsFor, type Desk } from "../desk";
import type { House } from "../house";

/** The till that counts what nobody named a till for. Counterpart: `MAIN` in `edge/core/money/shift.py`. */
export const MAIN = "main";
const GATHER_MS = 150;
/** Nobody tells of bills whose tables were closed. */
const EVERY_MS = 15_000;

interface Told {
  shifts: ShiftRow[];
  bills: BillRow[];
  shift: Shift | null;
}

export class Drawer {
  readonly shifts = signal<ShiftRow[]>([]);
  readonly shift = signal<Shift | null>(null);
  readonly bills = signal<BillRow[]>([]);
  readonly known = signal(false);
  readonly problem = signal<string | null>(null);
  readonly before = computed(() => this.shifts.value.filter((each) => each.status === "closed"));
  private readonly word = new LastWord(() => this.fetch(), (told) => this.take(told), (error) => (this.problem.value = wordsFor(error)));
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly house: House,
    private readonly desk: Desk,
  ) {}

  /** Fetch again whenever money may have moved. Call the answer to stop. */
  start(): () => void {
    const often = setInterval(() => void this.refresh(), EVERY_MS);
    const stop = this.house.listen((message) => {
      if (message.type !== "hello" && message.type !== "table:status") return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.refresh(), GATHER_MS);
    });
    return () => {
      stop();
      clearTimeout(this.timer);
      clearInterval(often);
      this.word.drop();
    };
  }

  refresh(): Promise<void> {
    return this.word.ask();
  }

  private async fetch(): Promise<Told> {
    const [{ shifts }, { bills }] = await Promise.all([this.desk.get<Shifts>("/api/v1/shifts"), this.desk.get<Bills>("/api/v1/bills")]);
    const open = shifts.find((each) => each.status === "open" && each.till === MAIN);
    return { shifts, bills, shift: open ? await this.desk.get<Shift>(`/api/v1/shifts/${open.shift_pid}`) : null };
  }

  private take({ shifts, bills, shift }: Told): void {
    batch(() => {
      this.shifts.value = shifts;
      this.bills.value = bills;
      this.shift.value = shift;
      this.known.value = true;
      this.problem.value = null;
    });
  }
}
