import { describe, expect, it } from "vitest";
import { Buckets, tierRate } from "./limits.ts";

const rate = { perSecond: 10, burst: 3 };

describe("Buckets", () => {
  it("allows the burst, then refuses and says when to come back", () => {
    const buckets = new Buckets();
    expect([1, 2, 3].map(() => buckets.take("a", rate, 0).allowed)).toEqual([true, true, true]);
    expect(buckets.take("a", rate, 0)).toEqual({ allowed: false, remaining: 0, retryAfter: 1 });
  });

  it("fills with time, up to the burst", () => {
    const buckets = new Buckets();
    for (let i = 0; i < 4; i++) buckets.take("a", rate, 0);
    expect(buckets.take("a", rate, 100).allowed).toBe(true);
    expect(buckets.take("a", rate, 100).allowed).toBe(false);
    expect(buckets.take("a", rate, 60_000).remaining).toBe(2);
  });

  it("keeps names apart", () => {
    const buckets = new Buckets();
    for (let i = 0; i < 4; i++) buckets.take("a", rate, 0);
    expect(buckets.take("b", rate, 0).allowed).toBe(true);
  });

  it("drops the least recently used name beyond its capacity", () => {
    const buckets = new Buckets(2);
    for (let i = 0; i < 4; i++) buckets.take("a", rate, 0);
    buckets.take("b", rate, 0);
    buckets.take("c", rate, 0);
    expect(buckets.take("a", rate, 0).allowed).toBe(true);
  });
});

describe("tierRate", () => {
  it("takes an unknown tier for basic, and a name of Object's for no tier", () => {
    expect(tierRate("gold")).toEqual({ perSecond: 20, burst: 40 });
    expect(tierRate("toString")).toEqual({ perSecond: 20, burst: 40 });
    expect(tierRate("unlimited")).toBeUndefined();
  });
});
