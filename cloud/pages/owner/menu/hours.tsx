/** When an item is served or a venue is open: windows of the venue's local time, every week. */
import type { JSX } from "preact";
import { isOnlyDay, toggledDay } from "./edit";
import { DAYS, type Hours } from "./shapes";

const LUNCH: Hours = { begins: "11:30", ends: "14:30", days: ["mon", "tue", "wed", "thu", "fri"] };

interface EditorProps {
  hours: Hours[];
  onHours: (hours: Hours[]) => void;
  /** What no window means. */
  unsaid?: string;
}

export function HoursEditor({ hours, onHours, unsaid = "Always, while the venue is open." }: EditorProps): JSX.Element {
  const set = (place: number, changes: Partial<Hours>): void => onHours(hours.map((each, at) => (at === place ? { ...each, ...changes } : each)));
  return (
    <>
      {hours.length === 0 && <p class="soft">{unsaid}</p>}
      {hours.map((window, place) => (
        <fieldset key={place} class="at-venue">
          <legend>Window {place + 1}</legend>
          <div class="pair">
            <label class="field"><span>From</span><input class="input number" type="time" required value={window.begins} onInput={(event) => event.currentTarget.value && set(place, { begins: event.currentTarget.value })} /></label>
            <label class="field"><span>To</span><input class="input number" type="time" required value={window.ends} onInput={(event) => event.currentTarget.value && set(place, { ends: event.currentTarget.value })} /></label>
          </div>
          <div class="days">
            {DAYS.map((day) => (
              <label key={day} class="day"><input type="checkbox" checked={!window.days?.length || window.days.includes(day)} disabled={isOnlyDay(window, day)} onChange={() => set(place, toggledDay(window, day))} /><span>{day}</span></label>
            ))}
          </div>
          <button type="button" class="button small" onClick={() => onHours(hours.filter((_, at) => at !== place))}>Remove window</button>
        </fieldset>
      ))}
      <button type="button" class="button small" onClick={() => onHours([...hours, LUNCH])}>Add a window</button>
    </>
  );
}
