/** Who has signed in on this tablet, and what people of each role may do. The box decides; this only explains. */
import { forget, keep, recall } from "@holdfast/pages";

export interface Person {
  user: string;
  name: string;
  role: string;
  token: string;
}

const ME = "staff";
const LATELY = "staff.lately";
/** So many people share a tablet in one evening. */
const MOST_LATELY = 6;

export interface Known {
  user: string;
  name: string;
}

export function rememberedPerson(): Person | null {
  return recall<Person>(ME);
}

export function remember(person: Person): void {
  keep(ME, person);
  const others = lately().filter((each) => each.user !== person.user);
  keep(LATELY, [{ user: person.user, name: person.name }, ...others].slice(0, MOST_LATELY));
}

export function forgetPerson(): void {
  forget(ME);
}

/** Who signed in here before, the last one first: only their names, never what they typed. */
export function lately(): Known[] {
  return recall<Known[]>(LATELY) ?? [];
}

/** Whether somebody serves guests and takes their money. Counterpart: `SERVICE` in `edge/web/counter.py`. */
export const serves = (person: Person): boolean => person.role === "manager" || person.role === "waiter";

export const manages = (person: Person): boolean => person.role === "manager";
