/** Money is written out with the digits of its currency, not with those the browser believes in. */
import { formatMoney } from "@holdfast/protocol";
import { expect, test } from "vitest";

test.each([
  [1250, "EUR", "€12.50"],
  [5, "USD", "$0.05"],
  [1250, "JPY", "¥1,250"],
  [0, "GBP", "£0.00"],
])("%i %s is %s", (minor, currency, words) => {
  expect(formatMoney(minor, currency, "en")).toBe(words);
});

test("three digits where a currency has them, two where only the browser says none", () => {
  expect(formatMoney(1250, "KWD", "en")).toContain("1.250");
  expect(formatMoney(1250, "IQD", "en")).toContain("12.50");
});
