/** Ids made on a phone: RFC 9562 version 7, also where `crypto.randomUUID` is missing. */
import { uuid7 } from "@holdfast/protocol";
import { expect, test } from "vitest";

test("the example of RFC 9562, appendix A.6", () => {
  const entropy = Uint8Array.from([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
  expect(uuid7(0x017f22e279b0, entropy)).toBe("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
});

test("version and variant are set whatever the entropy", () => {
  for (const byte of [0x00, 0xff]) {
    expect(uuid7(1_700_000_000_000, new Uint8Array(10).fill(byte))).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

test("later ids sort after earlier ones, and ids of one millisecond differ", () => {
  expect(uuid7(1_000) < uuid7(2_000)).toBe(true);
  expect(new Set(Array.from({ length: 500 }, () => uuid7(5_000))).size).toBe(500);
});
