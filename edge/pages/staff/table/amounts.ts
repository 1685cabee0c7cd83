/** Sums that a till offers by a tap. Pure; what has to be paid in the end is the box's business. */

/** Coins and notes of a currency in hundredths, as far as people hand them over. */
const NOTES_MINOR = [500, 1_000, 2_000, 5_000, 10_000, 20_000];
const TIPS_PERCENT = [5, 10, 15];

/** What somebody may hand over for `due_minor`: exactly that, the next full amounts, the next notes. */
export function handedOver(due_minor: number): number[] {
  const round = [500, 1_000].map((step) => Math.ceil(due_minor / step) * step);
  const notes = NOTES_MINOR.filter((note) => note > due_minor);
  return [...new Set([due_minor, ...round, ...notes])].filter((each) => each >= due_minor).sort((one, other) => one - other).slice(0, 5);
}

/** Tips in minor units, the total rounded up to something that is easily handed over. */
export function tipsFor(amount_minor: number): number[] {
  return TIPS_PERCENT.map((percent) => Math.round((amount_minor * percent) / 100 / 10) * 10).filter((tip) => tip > 0);
}
