/**
 * Courses of an order that wait, with the button that lets the kitchen begin. Put it wherever an order is shown.
 *
 * Rule of the file: a course is shown as fired only once the box says so. Counterpart: `POST /api/v1/orders/{id}/fire`.
 */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import type { HeldCourse } from "@holdfast/protocol";
import { count } from "@holdfast/pages";
import type { Desk } from "../desk";

export interface CoursesProps {
  order_id: string;
  held: readonly HeldCourse[];
  desk: Desk;
}

export function Courses({ order_id, held, desk }: CoursesProps): JSX.Element | null {
  const busy = useSignal(false);
  if (held.length === 0) return null;
  const fire = async ({ course, ticket }: HeldCourse): Promise<void> => {
    busy.value = true;
    const done = await desk.attempt(() => desk.insist(`/api/v1/orders/${encodeURIComponent(order_id)}/fire`, { course }));
    if (done) desk.say(`${ticket}: the kitchen begins with the ${course}.`);
    busy.value = false;
  };
  return (
    <ul class="courses" aria-label="Courses that wait">
      {held.map((each) => (
        <li key={each.ticket}>
          <span class="courses-name">{each.course}</span>
          <span class="soft">{count(each.dishes, "dish", "dishes")} wait</span>
          <button type="button" class="button go" disabled={busy.value} onClick={() => void fire(each)}>Fire {each.course}</button>
        </li>
      ))}
    </ul>
  );
}
