import { describe, expect, it } from "vitest";
import { WaitGuess } from "./prepare.ts";

describe("WaitGuess", () => {
  const busy = { running: 1, queued: 3, workers: 1 };

  it("is nothing where a place is free, else the median of those before for each in front", () => {
    const waits = new WaitGuess();
    expect(waits.of({ running: 0, queued: 0, workers: 1 })).toBe(0);
    expect(waits.of(busy)).toBe(8);
    for (const seconds of [1, 5, 3]) waits.note(seconds);
    expect(waits.of(busy)).toBe(12);
    expect(waits.of({ running: 2, queued: 1, workers: 2 })).toBe(3);
  });

  it("counts those that wait while a worker is being replaced", () => {
    expect(new WaitGuess().of({ running: 0, queued: 4, workers: 1 })).toBe(10);
    expect(new WaitGuess().of({ running: 0, queued: 1, workers: 2 })).toBe(0);
  });

  it("refuses what would wait longer than it has time", () => {
    expect(() => new WaitGuess().admit(busy, 7)).toThrow(/3 wait already/);
    expect(() => new WaitGuess().admit(busy, 9)).not.toThrow();
  });
});
