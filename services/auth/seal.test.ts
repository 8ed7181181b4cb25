import { describe, expect, it } from "vitest";
import { createSeal } from "./seal.ts";

const secret = new TextEncoder().encode("anrf_secret");

describe("createSeal", () => {
  it("opens what it closed, each time closed differently and unreadable", () => {
    const seal = createSeal();
    const [first, second] = [seal.close(secret), seal.close(secret)];
    expect(seal.open(first)).toEqual(secret);
    expect(Buffer.compare(first, second)).not.toBe(0);
    expect(Buffer.from(first).includes("anrf")).toBe(false);
  });

  it("opens nothing that was changed, cut short or closed by another", () => {
    const seal = createSeal();
    const closed = seal.close(secret);
    const changed = Uint8Array.from(closed, (byte, index) => (index === 20 ? byte ^ 1 : byte));
    expect(seal.open(changed)).toBeUndefined();
    expect(seal.open(closed.subarray(0, closed.length - 1))).toBeUndefined();
    expect(seal.open(new Uint8Array())).toBeUndefined();
    expect(createSeal().open(closed)).toBeUndefined();
  });
});
