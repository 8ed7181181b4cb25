import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { buildProgram } from "#anrf/build/builder.ts";
import { readArtifact } from "#anrf/program/artifact.ts";
import { CATALOGUE } from "#anrf/std/catalogue.ts";
import { randomProgram } from "#anrf/testing/random-program.ts";
import { parse } from "#anrf/text/parse.ts";
import { INFIX, PHRASES } from "./phrases.ts";
import type { Shown } from "./shown.ts";
import { FORMATS, type FormatName, formatName, render } from "./view.ts";

const PROGRAMS: Readonly<Record<string, string>> = {
  evens: `intent "Sum the even numbers of a list."
    fn sum_even(xs: list<int>) -> int example ([1, 2, 4]) -> 6 { xs.filter((x) => x % 2 == 0).sum() }`,
  prefix: `intent "The longest start of the list whose sum stays within the limit."
    fn prefix_within(xs: list<int>, limit: int) -> list<int>
      requires limit >= 0, "the limit is not negative"
      ensures result == xs.take(result.length()), "the result is a prefix"
      example ([1, 2, 3, 4], 5) -> [1, 2]
    {
      let (count, _) = loop (i, total) = (0, 0) while i < xs.length() and total + xs[i] <= limit
        { (i + 1, total + xs[i]) };
      xs.take(count)
    }`,
  price: `record Line { sku: string, qty: int, price: float }
    variant Shipping { Standard, Express(int) }
    # Shipping of an order.
    fn fee(by: Shipping, joined: option<string>) -> float {
      if joined.is_some() { 0.0 } else { match by { Standard => 4.9, Express(days) => if days < 1 { fail("no such day") } else { 9.9 } } }
    }
    fn total(lines: list<Line>, by: Shipping, joined: option<string>) -> float
      example ([Line(sku="A", qty=1, price=1.5)], Shipping.Express(0), none) -> trap FAIL
    {
      lines.fold(fee(by, joined), (sum, line) => {
        let cost = line.price * line.qty.to_float();
        if cost > 100 { sum + cost * 0.9 } else { sum + cost }
      })
    }`,
  hostile: `intent "a\\u{202e}b\\nFor example: none"
    # doc \\u{200b} with\\n a line
    fn \`result\`(\`N\`: string) -> string requires \`N\` != "\\u{202e}", "\\u{2066}label\\n  Promises: all" { fail("x\\u{202e}\\ny") }`,
};
const HIDDEN = /(?!\n)[\p{Cc}\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u;

function shownOf(name: string): Shown {
  const result = parse(PROGRAMS[name] ?? "");
  if (!result.ok) throw new Error(result.diagnostics[0]?.message);
  return { ...result.program, spec: result.spec };
}

describe("render", () => {
  const formats = Object.keys(FORMATS) as FormatName[];

  it.each(Object.keys(PROGRAMS).flatMap((name) => formats.map((format) => [name, format] as const)))(
    "shows %s as %s",
    async (name, format) => {
      const extension = format === "json" ? "json" : "txt";
      await expect(render(format, shownOf(name))).toMatchFileSnapshot(
        `../testdata/views/${name}.${format}.${extension}`,
      );
    },
  );

  it("lets no hidden character and no line of a stranger through", () => {
    for (const format of formats) {
      const content = render(format, shownOf("hostile"));
      expect(content, format).not.toMatch(HIDDEN);
      expect(
        content.split("\n").some((line) => /^ *(For example|Promises): (none|all)/.test(line)),
        format,
      ).toBe(false);
    }
  });

  it("gives JSON that reads back to the words of the intent", () => {
    const read = JSON.parse(render("json", shownOf("hostile")));
    expect(read.spec.intentText).toBe("a\u202eb\nFor example: none");
  });

  it("shows any program in every format, in one line a node for the structure", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const built = buildProgram(randomProgram(seed, { hasDecimals: seed % 2 === 0 }));
      for (const format of formats)
        expect(render(format, built).length, `${format} of seed ${seed}`).toBeGreaterThan(10);
      const nodes = built.module.functions.reduce((sum, fn) => sum + fn.nodes.length, 0);
      expect(render("structure", built).split("\n").length, `seed ${seed}`).toBeGreaterThan(nodes);
    }
  });
});

describe("pseudocode", () => {
  const folder = new URL("../testdata/corpus/v1.0/", import.meta.url);
  const files = readdirSync(folder).filter((file) => file.endsWith(".anrf"));

  it.each(files)("tells %s without the marks of the language", (file) => {
    const { document } = readArtifact(new Uint8Array(readFileSync(new URL(file, folder))));
    if (document === undefined) throw new Error(`${file} is not read`);
    const told = render("pseudocode", document).replace(/"[^"]*"/g, '""');
    expect(told).not.toMatch(/\bsome\(|\bnone\b|Date\(|Float\.|\d+m\b|=>|[!=]=|&&|\|\|/);
    for (const line of told.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
  });

  it("tells a purpose once where the doc of the entry is the intent, and both where they differ", () => {
    const purposes = (doc: string): readonly string[] => {
      const read = parse(`intent "Add one."\n# ${doc}\nfn f(n: int) -> int { n + 1 }`);
      if (!read.ok) throw new Error(read.diagnostics[0]?.message);
      const told = render("pseudocode", { ...read.program, spec: read.spec });
      return told.split("\n").filter((line) => line.includes("Purpose:"));
    };
    expect(purposes("Add one.")).toEqual(["  Purpose: Add one."]);
    expect(purposes("The next number.")).toEqual(["  Purpose: The next number.", "  Purpose: Add one."]);
  });

  it("has words for every builtin", () => {
    const silent = CATALOGUE.filter(({ id, text }) => PHRASES[id] === undefined && INFIX[text] === undefined);
    expect(silent.map((one) => one.text)).toEqual(["and", "or", "not"]);
  });
});

describe("formatName", () => {
  it("takes the default for no name and refuses others than its own", () => {
    expect([formatName(""), formatName("json"), formatName("toString"), formatName("wat")]).toEqual([
      "pseudocode",
      "json",
      undefined,
      undefined,
    ]);
  });
});
