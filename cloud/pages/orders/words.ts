/** What states are called before guests, and how far an order is. Pure. */
import type { Tone } from "@holdfast/pages";
import type { Order } from "./shapes";

export const shortNumber = (number: number): string => `S-${number}`;

export interface Said {
  words: string;
  tone: Tone;
  more: string;
}

/** Where an order is, in the guest's words. */
export function said(order: Order): Said {
  const collects = order.address === null;
  switch (order.status) {
    case "draft":
    case "abandoned":
      return unpaid(order);
    case "paid":
      return { words: "Paid", tone: "good", more: "Thank you! We are about to make it and write when it is done." };
    case "in_production":
      return { words: "Being made", tone: "good", more: "Somebody is making it right now." };
    case "shipped":
      return collects
        ? { words: "Ready to collect", tone: "good", more: `It waits for you at ${order.venue}.` }
        : { words: "On its way", tone: "good", more: "It has left the house." };
    case "delivered":
      return { words: collects ? "Collected" : "Delivered", tone: "good", more: "Enjoy it!" };
    case "cancelled":
      return { words: "Cancelled", tone: "bad", more: order.paid_at ? "What you paid goes back to you." : "Nothing was charged." };
  }
}

function unpaid(order: Order): Said {
  switch (order.payment_status) {
    case "processing":
      return { words: "Payment under way", tone: "calm", more: "Your bank is still at it. This page follows by itself." };
    case "mismatch":
      return { words: "We are looking at your payment", tone: "warn", more: "The amount was not the one we asked for. We will write to you." };
    case "failed":
      return { words: "Payment failed", tone: "bad", more: "Nothing was charged. Try again, perhaps with another card." };
    case "expired":
      return { words: "Not paid", tone: "warn", more: "The payment page has run out. You can open a new one." };
    default:
      return { words: "Not paid yet", tone: "warn", more: "We make it as soon as it is paid." };
  }
}

/** Whether a payment page can be opened. */
export const payable = (order: Order): boolean =>
  (order.status === "draft" || order.status === "abandoned") && ["unpaid", "open", "failed", "expired"].includes(order.payment_status);

/** Whether money may still be on its way, so that it is worth asking again. */
export const awaited = (order: Order): boolean => order.paid_at === null && ["open", "processing"].includes(order.payment_status);

export interface Step {
  words: string;
  done: boolean;
  when: string | null;
}

/** The way of an order, for the line of dots. */
export function steps(order: Order): Step[] {
  const collects = order.address === null;
  const reached = ["paid", "in_production", "shipped", "delivered"].indexOf(order.status);
  return [
    { words: "Paid", done: order.paid_at !== null, when: order.paid_at },
    { words: "Made", done: reached >= 1, when: null },
    { words: collects ? "Ready" : "Shipped", done: order.shipped_at !== null, when: order.shipped_at },
    { words: collects ? "Collected" : "Delivered", done: order.delivered_at !== null, when: order.delivered_at },
  ];
}

const REGIONS = ((): Intl.DisplayNames | null => {
  try {
    return new Intl.DisplayNames(undefined, { type: "region" });
  } catch {
    return null;
  }
})();

export function countryName(code: string): string {
  try {
    return REGIONS?.of(code) ?? code;
  } catch {
    return code;
  }
}

/** ISO 3166-1 alpha-2, for zones that mean 'everywhere else'. */
export const COUNTRIES: readonly string[] =
  ("AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ " +
    "DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IQ IR IS IT JE JM JO JP " +
    "KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ " +
    "OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TG TH TJ TL TM TN TO TR TT TV TW TZ " +
    "UA UG US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW").split(" ");
