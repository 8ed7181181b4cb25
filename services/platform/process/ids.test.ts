import { describe, expect, it } from "vitest";
import { isUuid, uuidv7 } from "./ids.ts";

describe("uuidv7", () => {
  it("makes lower-case UUIDs of version 7 that rise strictly", () => {
    const ids = Array.from({ length: 20_000 }, uuidv7);
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
    expect(ids.every((id, index) => index === 0 || (ids[index - 1] ?? "") < id)).toBe(true);
  });

  it("begins with the time in milliseconds", () => {
    const before = Date.now();
    const ms = Number.parseInt(uuidv7().replaceAll("-", "").slice(0, 12), 16);
    // A burst within one millisecond may borrow from the next ones.
    expect(ms).toBeGreaterThanOrEqual(before);
    expect(ms).toBeLessThan(before + 10_000);
  });
});

describe("isUuid", () => {
  it.each([
    ["018f0000-0000-7000-8000-0000000000aa", true],
    ["018F0000-0000-7000-8000-0000000000AA", true],
    ["018f0000000070008000-0000000000aa", false],
    ["", false],
  ])("says of %j: %s", (text, expected) => {
    expect(isUuid(text)).toBe(expected);
  });
});
