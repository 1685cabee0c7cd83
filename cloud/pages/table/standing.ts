/**
 * What a guest far away is told of an order that was sent, in whatever state it is. Pure.
 *
 * Rule of the file: nothing is called done that the venue's box has not said. While the venue is not reached the order
 * waits, and once it is reached again its staff is asked first, so nothing is ever cooked late by itself.
 */
import type { FarOutcome, FarTable } from "@holdfast/protocol";
import type { Tone } from "@holdfast/pages";

export interface Told {
  tone: Tone;
  title: string;
  more: string;
  /** Nothing will change any more. */
  over: boolean;
}

/** The cloud gives an order up after this long (`ORDER_TTL_MS` of `cloud/guests/desk.py`). */
const WORTH_MINUTES = 30;

export function told(outcome: Pick<FarOutcome, "status" | "message" | "result">, place: Pick<FarTable, "reached"> | null, first = false): Told {
  switch (outcome.status) {
    case "WAITING":
    case "OVERDUE":
      if (place && !place.reached) {
        return { tone: "warn", title: "The venue has no internet at the moment", more: `Your order waits here for up to ${WORTH_MINUTES} minutes${first ? ", and you with it: your seat at the table comes with the order" : ""}. When the venue is back its staff decides whether it can still be made; nothing is cooked before that. Ask the staff if you are there.`, over: false };
      }
      return { tone: "calm", title: "On its way to the venue…", more: "This takes a few seconds.", over: false };
    case "TAKEN":
      return { tone: "calm", title: "The venue has it", more: "It is being put in…", over: false };
    case "HELD":
      return { tone: "warn", title: "The staff is looking at it", more: `${outcome.message} Somebody at the venue has to say yes before the kitchen gets it.`, over: false };
    case "DONE":
      return { tone: "good", title: "Order placed", more: outcome.result["order_id"] ? `The kitchen has it as ${outcome.result["order_id"]}.` : "The kitchen has it.", over: true };
    case "EXPIRED":
      return { tone: "bad", title: "Too late", more: "The venue could not be reached in time. Nothing was ordered, and nothing will be.", over: true };
    case "REFUSED":
      return { tone: "bad", title: "Not ordered", more: outcome.message, over: true };
    default:
      return { tone: "bad", title: "Nobody knows", more: "Please ask the staff whether your order is there before you order again.", over: true };
  }
}

/** What the order sheet says of the pass word, and what the button does, before anybody has sat down. */
export function joiningWords(place: Pick<FarTable, "reached"> | null): { about: string; word: string; button: string } {
  if (place && !place.reached) {
    return {
      about: "The venue has no internet at the moment, so nobody can let you in yet. Leave your order here: when the venue is back, its staff sees your name and decides. Nothing is cooked before that.",
      word: "You find it on the counter. It is looked at when the venue is back; without it the staff cannot tell that you are there.",
      button: "Leave the order",
    };
  }
  return {
    about: "The venue lets you in, then your order goes out.",
    word: "You find it on the counter. If somebody at your table has given it already, leave this empty.",
    button: "Join and order",
  };
}

/** Why nobody can order from here at all, or null. */
export function barred(place: FarTable | null): string | null {
  return place?.location_policy === "ip" ? "This venue takes orders on its own Wi-Fi only. Connect to it and scan the code on your table." : null;
}
