/** Addresses within the dashboard: there and back, and whatever else somebody types. */
import { expect, test } from "vitest";
import { addressOf, placeOf } from "../../../../cloud/pages/owner/place";

test("an address leads to the place that it was made of", () => {
  expect(placeOf(addressOf("venue", "a/b", "today"))).toEqual({ section: "venue", more: ["a/b", "today"] });
});

test.each(["", "#", "#/"])("nothing at all is the first section: %j", (hash) => {
  expect(placeOf(hash).section).toBe("venues");
});

test("what cannot be decoded is taken as it stands", () => {
  expect(placeOf("#venue/%")).toEqual({ section: "venue", more: ["%"] });
});
