/**
 * Money that is asked for under one `mid` until the box has answered, also across a reload of the page.
 *
 *     resting --ask--> asking --answer--> resting, with what was paid or a reason
 *                        `--nobody answers--> doubtful --answer--> …
 *
 * The request is kept on the tablet before it is sent and forgotten with its answer, so whatever dies in between, money
 * is taken once and the person is told. An answer that comes late forgets its own request only. Counterparts: `paying.ts` and `edge/pages/staff/till/paying_in_once.ts` say what.
 */
import { batch, signal } from "@preact/signals";
import { uuid7 } from "@holdfast/protocol";
import { forgetOwn, keep, recall } from "@holdfast/pages";
import { wordsFor, type Desk } from "../desk";

export type Stage = "resting" | "asking" | "doubtful";

interface Kept<Asked> {
  mid: string;
  asked: Asked;
}

export class Once<Asked extends object, Answer> {
  readonly stage = signal<Stage>("resting");
  /** What was asked for, while it is under way. */
  readonly asked = signal<Asked | null>(null);
  readonly paid = signal<Answer | null>(null);
  readonly problem = signal<string | null>(null);

  /** `name` is what it is kept under on the tablet; `request` makes address and body of what is asked. */
  constructor(
    private readonly name: string,
    private readonly desk: Desk,
    private readonly request: (asked: Asked) => [path: string, body: object],
    private readonly onAnswer: (answer: Answer) => void = () => {},
    private readonly onRefused: () => void = () => {},
  ) {
    const kept = recall<Kept<Asked>>(name);
    if (kept) void this.ask(kept);
  }

  pay(asked: Asked): void {
    if (this.stage.value !== "resting") return;
    const kept = { mid: uuid7(), asked };
    keep(this.name, kept);
    void this.ask(kept);
  }

  private async ask({ mid, asked }: Kept<Asked>): Promise<void> {
    batch(() => {
      this.stage.value = "asking";
      this.asked.value = asked;
      this.problem.value = null;
    });
    const onDoubt = (): void => void (this.stage.value = "doubtful");
    try {
      const [path, body] = this.request(asked);
      const answer = await this.desk.insist<Answer>(path, body, { mid, patience_ms: Infinity, onDoubt });
      this.paid.value = answer;
      this.onAnswer(answer);
    } catch (error) {
      this.problem.value = wordsFor(error);
      this.onRefused();
    }
    forgetOwn<Kept<Asked>>(this.name, (kept) => kept.mid === mid);
    batch(() => {
      this.stage.value = "resting";
      this.asked.value = null;
    });
  }
}
