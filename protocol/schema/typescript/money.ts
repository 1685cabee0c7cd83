/**
 * Money is a whole number of a currency's minor unit; this file only writes it out for people.
 *
 * The table of exponents is that of `protocol/money.py`, not the browser's, so that a price never depends on the phone.
 */

/** ISO 4217 currencies whose minor unit is not a hundredth. */
const EXPONENTS: Readonly<Record<string, number>> = {
  JPY: 0, KRW: 0, VND: 0, CLP: 0, ISK: 0, BHD: 3, KWD: 3, OMR: 3, TND: 3,
};

/** How many digits stand after the point: 2 for EUR. */
export const minorDigits = (currency: string): number => EXPONENTS[currency] ?? 2;

const formats = new Map<string, Intl.NumberFormat>();

/** 1250 in EUR → 12.5, for requests that name an amount as people write it. */
export function toMajor(minor: number, currency: string): number {
  return minor / 10 ** (EXPONENTS[currency] ?? 2);
}

/** `formatMoney(1250, "EUR")` → "€12.50", in the reader's language. */
export function formatMoney(minor: number, currency: string, locale?: string): string {
  const digits = minorDigits(currency);
  const key = `${currency} ${locale ?? ""}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale, {
      style: "currency", currency, currencyDisplay: "narrowSymbol",
      minimumFractionDigits: digits, maximumFractionDigits: digits,
    });
    formats.set(key, format);
  }
  return format.format(minor / 10 ** digits);
}
