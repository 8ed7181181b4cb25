import { describe, expect, it } from "vitest";
import { Inbox } from "./inbox.ts";

describe("Inbox", () => {
  it("gives values in order, and then the end", async () => {
    const inbox = new Inbox<number>();
    inbox.push(1);
    const first = inbox.next(1_000);
    inbox.push(2);
    inbox.end();
    inbox.push(3);
    expect([await first, await inbox.next(1_000), await inbox.next(1_000)]).toEqual([
      { value: 1 },
      { value: 2 },
      "end",
    ]);
  });

  it("wakes a reader that waits", async () => {
    const inbox = new Inbox<string>();
    const waiting = inbox.next(60_000);
    inbox.push("here");
    expect(await waiting).toEqual({ value: "here" });
  });

  it("says when nothing comes", async () => {
    expect(await new Inbox<number>().next(1)).toBe("quiet");
  });

  it("throws the error of its end after the last value, each time", async () => {
    const inbox = new Inbox<number>();
    inbox.push(7);
    inbox.end(new Error("broken"));
    inbox.end();
    expect(await inbox.next(1)).toEqual({ value: 7 });
    await expect(inbox.next(1)).rejects.toThrow("broken");
    await expect(inbox.next(1)).rejects.toThrow("broken");
  });

  it("holds values that are false", async () => {
    const inbox = new Inbox<number | string>();
    inbox.push(0);
    inbox.push("");
    expect([await inbox.next(1), await inbox.next(1)]).toEqual([{ value: 0 }, { value: "" }]);
  });
});
