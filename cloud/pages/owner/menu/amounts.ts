/** Prices and percentages as people type them: `12,50` is as good as `12.50`. Rule of the file: pure. */
import { minorDigits } from "@holdfast/protocol";

/** Minor units, or null for what is no price. Never by way of a fraction that a computer cannot hold. */
export function priceOf(text: string, currency: string): number | null {
  return scaled(text, minorDigits(currency));
}

export function priceText(minor: number, currency: string): string {
  return unscaled(minor, minorDigits(currency));
}

/** `19` → 1900 hundredths of a percent. */
export const rateOf = (text: string): number | null => scaled(text.replace("%", ""), 2);

export const rateText = (rate_bp: number): string => unscaled(rate_bp, 2).replace(/[.]00$/, "");

function scaled(text: string, digits: number): number | null {
  const found = /^(-?)(\d{1,12})(?:[.,](\d+))?$/.exec(text.trim());
  if (!found) return null;
  const [, sign = "", whole = "", fraction = ""] = found;
  if (fraction.length > digits) return null;
  const value = Number(whole + fraction.padEnd(digits, "0"));
  return sign && value ? -value : value;
}

function unscaled(value: number, digits: number): string {
  const text = String(Math.abs(value)).padStart(digits + 1, "0");
  const whole = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
  return value < 0 ? `-${whole}` : whole;
}
