import { describe, expect, it } from "vitest";
import { StopGuard } from "./stop.ts";

/** What is shown of pieces, and whether a stop text ended it. */
function shown(stops: readonly string[], pieces: readonly string[]): readonly [string, boolean] {
  const guard = new StopGuard(stops);
  let text = "";
  for (const piece of pieces) {
    const next = guard.push(piece);
    text += next.text;
    if (next.isStopped) return [text, true];
  }
  return [text + guard.rest(), false];
}

describe("StopGuard", () => {
  it.each<[string, string[], string[], string, boolean]>([
    ["lets text through", [], ["a", "b"], "ab", false],
    ["cuts at a stop text in one piece", ["```"], ["x = 1\n```\nmore"], "x = 1\n", true],
    ["cuts at one that comes in pieces", ["```"], ["x", "`", "`", "`", "y"], "x", true],
    ["shows what only began like one", ["```"], ["x``", "y"], "x``y", false],
    ["shows at the end what only began like one", ["```"], ["x``"], "x``", false],
    ["takes the first of several", ["END", "\n\n"], ["a\n", "\nbEND"], "a", true],
    ["finds one behind a false beginning", ["aab"], ["aa", "ab"], "a", true],
  ])("%s", (_, stops, pieces, text, isStopped) => {
    expect(shown(stops, pieces)).toEqual([text, isStopped]);
  });

  it("shows the same however the text is cut", () => {
    const text = "def f(x):\n    return x``\n```\nrest";
    const whole = shown(["```", "\n\n"], [text]);
    for (let size = 1; size < text.length; size++) {
      const pieces = text.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? [];
      expect(shown(["```", "\n\n"], pieces)).toEqual(whole);
    }
  });
});
