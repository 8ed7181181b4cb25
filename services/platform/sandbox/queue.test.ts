import { describe, expect, it } from "vitest";
import { FairQueue } from "./queue.ts";

const item = (clientId: string, name: string, bytes = 1) => ({ clientId, name, bytes });
const drain = (queue: FairQueue<ReturnType<typeof item>>): string[] => {
  const names: string[] = [];
  for (let next = queue.take(); next !== undefined; next = queue.take()) names.push(next.name);
  return names;
};

describe("FairQueue", () => {
  it("lets clients take turns and keeps the order of each", () => {
    const queue = new FairQueue<ReturnType<typeof item>>(100, 100);
    for (const name of ["a1", "a2", "a3", "a4"]) queue.push(item("a", name));
    for (const name of ["b1", "b2"]) queue.push(item("b", name));
    queue.push(item("c", "c1"));
    expect(queue.size).toBe(7);
    expect(drain(queue)).toEqual(["a1", "b1", "c1", "a2", "b2", "a3", "a4"]);
    expect(queue.size).toBe(0);
  });

  it("refuses what is over its count or its bytes, and takes more when there is room", () => {
    const queue = new FairQueue<ReturnType<typeof item>>(3, 10);
    expect([
      queue.push(item("a", "1", 4)),
      queue.push(item("a", "2", 7)),
      queue.push(item("a", "3", 6)),
    ]).toEqual([true, false, true]);
    expect(queue.push(item("a", "4", 0))).toBe(true);
    expect(queue.push(item("b", "5", 0))).toBe(false);
    queue.take();
    expect(queue.push(item("b", "5", 4))).toBe(true);
  });

  it("removes one that no longer waits, and only it", () => {
    const queue = new FairQueue<ReturnType<typeof item>>(10, 10);
    const [first, second] = [item("a", "1"), item("a", "2")];
    queue.push(first);
    queue.push(second);
    expect([queue.remove(first), queue.remove(first)]).toEqual([true, false]);
    expect(drain(queue)).toEqual(["2"]);
  });
});
