/** Whose balance pays a bill, and whether there is enough on it; the box has the last word when it is taken. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal, type Signal } from "@preact/signals";
import { formatMoney } from "@holdfast/protocol";
import type { Desk } from "../desk";

interface Balance { user_id: string; balance_minor: number; currency: string }

interface WhoseBalanceProps { user: Signal<string>; desk: Desk; owed_minor: number }

const LOOK_AFTER_MS = 350;

export function WhoseBalance({ user, desk, owed_minor }: WhoseBalanceProps): JSX.Element {
  const found = useSignal<Balance | null>(null);
  const name = user.value.trim();
  useEffect(() => {
    found.value = null;
    if (!name) return;
    const look = async (): Promise<void> => {
      const balance = await desk.get<Balance>(`/api/v1/accounts/${encodeURIComponent(name)}`);
      if (user.peek().trim() === name) found.value = balance;
    };
    const alarm = setTimeout(() => void desk.attempt(look), LOOK_AFTER_MS);
    return () => clearTimeout(alarm);
  }, [name]);
  const balance = found.value;
  const enough = balance !== null && balance.balance_minor >= owed_minor;
  return (
    <label class="field">
      <span>Whose balance?</span>
      <input class="input" name="user" autocomplete="off" maxLength={64} value={user.value} onInput={(event) => (user.value = event.currentTarget.value)} />
      <span class={balance && !enough ? "field-error" : "soft"} role="status">
        {balance ? `${formatMoney(balance.balance_minor, balance.currency)} on it${enough ? "" : ": not enough"}` : "The name that the balance is kept under."}
      </span>
    </label>
  );
}
