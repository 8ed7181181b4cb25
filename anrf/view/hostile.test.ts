import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildProgram } from "#anrf/build/builder.ts";
import { randomProgram } from "#anrf/testing/random-program.ts";
import { parse } from "#anrf/text/parse.ts";
import { AnnotationsSchema, SpecSchema } from "#gen/anrf/v1/artifact_pb.ts";
import { graph } from "./graph.ts";
import { pseudocode } from "./pseudocode.ts";
import { python } from "./python.ts";
import type { Shown } from "./shown.ts";
import { structure } from "./structure.ts";
import { typescript } from "./typescript.ts";

/** What people may try: to end a string, a comment, a label or a line, and to hide or turn round what is seen. */
const ATTACKS = [
  'end " quote',
  "end ' quote",
  "tick ` tick",
  "a\nBREAKOUT()",
  "a\r\nBREAKOUT()",
  "a\u2028BREAKOUT()",
  "*/ BREAKOUT() /*",
  '"""\nBREAKOUT()\n"""',
  "'''\nBREAKOUT()\n'''",
  '\\"""\\',
  "\\",
  'x"]\nBREAKOUT["y',
  'end\nsubgraph z["x"]',
  '%%{init: {"theme": "x"}}%%',
  'click a href "javascript:BREAKOUT()"',
  "<script>BREAKOUT()</script>",
  "\u0024{BREAKOUT()}",
  "`\u0024{BREAKOUT()}`",
  "{BREAKOUT()}",
  "# BREAKOUT",
  "[x](javascript:BREAKOUT())",
  "**bold** | table | ~~~",
  "\u202eevil\u2066",
  "\u200b\ufeff\u{e0041}",
  "\u0000\u0007\u001b[31m",
  "&quot;&#34;",
  "#quot;#34;",
];
const HIDDEN = /(?!\n)[\p{Cc}\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u;
const OUTSIDE_STRINGS = /^\s*BREAKOUT/m;

/** A program in which every place that holds words holds the attack. */
function attacked(attack: string): Shown {
  const text = `fn f(a: int, b: string) -> string requires a > 0, "label" ensures result != "", "label" {
    let c: string = if a > 3 { fail("message") } else { b + "literal" };
    match c { "literal" => "literal", _ => hole("goal") }
  }`;
  const read = parse(text);
  if (!read.ok) throw new Error(read.diagnostics[0]?.message);
  const { module, annotations } = read.program;
  for (const fn of module.functions) {
    for (const clause of [...fn.requires, ...fn.ensures]) clause.label = attack;
    for (const { kind } of fn.nodes) {
      if (kind.case === "failWith") kind.value.message = attack;
      if (kind.case === "hole") kind.value.goal = attack;
      if (kind.case === "literal" && kind.value.value.case === "string") kind.value.value.value = attack;
      if (kind.case === "matchOn")
        for (const { pattern } of kind.value.arms)
          if (pattern?.kind.case === "literal" && pattern.kind.value.value.case === "string")
            pattern.kind.value.value.value = attack;
    }
  }
  const notes = annotations.functions.map((fn) => ({
    ...fn,
    doc: attack,
    localNames: fn.localNames.map(() => attack),
    comments: [attack],
    nodeComment: module.functions[0]?.nodes.map(() => 1) ?? [],
  }));
  return {
    module,
    annotations: create(AnnotationsSchema, { functions: notes }),
    spec: create(SpecSchema, { intentText: attack }),
  };
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "anrf-hostile-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LABEL = String.raw`"(?:[\p{L}\p{N}_ .,:=+*/()[\]?!'|·-]|#\d+;)+"`;
const ID = String.raw`f\d+(?:_\w+)?`;
const MERMAID = new RegExp(
  `^(?:flowchart TD|subgraph ${ID}\\[${LABEL}\\]|end|${ID}(?:\\[${LABEL}\\]|\\{${LABEL}\\}|\\(\\[${LABEL}\\]\\)|\\[\\[${LABEL}\\]\\]|\\{\\{${LABEL}\\}\\})|${ID} (?:-->|-\\.->)(?:\\|${LABEL}\\|)? ${ID})$`,
  "u",
);

/** What Mermaid could not read, or an arrow to nothing; undefined for a drawing that is sound. */
function mermaidProblem(text: string): string | undefined {
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => line.trim());
  const wrong = lines.find((line) => !MERMAID.test(line));
  if (wrong !== undefined) return `not a line of Mermaid: ${wrong}`;
  const opened = lines.filter((line) => line.startsWith("subgraph ")).length;
  if (opened !== lines.filter((line) => line === "end").length) return "a box is not closed";
  const drawn = new Set(lines.flatMap((line) => /^(f\d+_\w+)[[({]/.exec(line)?.[1] ?? []));
  const ends = lines.flatMap((line) => {
    const edge = /^(\S+) (?:-->|-\.->)\S*.* (\S+)$/.exec(line);
    return edge === null ? [] : [edge[1] ?? "", edge[2] ?? ""];
  });
  const missing = ends.find((id) => !drawn.has(id));
  return missing === undefined ? undefined : `an arrow ends at ${missing}, which is not drawn`;
}

describe("hostile words", () => {
  it.each([
    ["pseudocode", pseudocode],
    ["structure", structure],
    ["typescript", typescript],
    ["python", python],
    ["graph", graph],
  ] as const)("do not break out of %s, nor hide in it", (_, view) => {
    for (const attack of ATTACKS) {
      // A docstring ends where it should, as the syntax tree below shows: its own lines may say anything.
      const text = view(attacked(attack)).replace(/"""[\s\S]*?"""/g, "");
      expect(text, attack).not.toMatch(HIDDEN);
      expect(text, attack).not.toMatch(OUTSIDE_STRINGS);
    }
  });

  it("leave TypeScript that is read, and in which they are never run", async () => {
    for (const attack of ATTACKS) {
      const code = stripTypeScriptTypes(typescript(attacked(attack)));
      const file = `data:text/javascript,${encodeURIComponent(`globalThis.BREAKOUT = () => { throw new Error("out"); };\n${code}`)}`;
      const { f } = await import(/* @vite-ignore */ file);
      expect(() => f(0n, "b"), attack).toThrow(/CONTRACT/);
      expect(() => f(9n, "b"), attack).toThrow(/FAIL/);
    }
  });

  it("leave Python that is read, and in which they are never run", () => {
    const found = spawnSync("python3", ["--version"]);
    if (found.status !== 0) return console.log("skipped: there is no python3 on the path");
    const files = ATTACKS.map((attack, index) => {
      const file = join(folder, `attack${index}.py`);
      writeFileSync(file, python(attacked(attack)));
      return file;
    });
    const driver = [
      "import ast, sys",
      "for path in sys.argv[1:]:",
      "    tree = ast.parse(open(path, encoding='utf8').read())",
      "    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}",
      "    print(path, 'BREAKOUT' in names, any(isinstance(node, ast.FunctionDef) and node.name == 'f' for node in tree.body))",
    ].join("\n");
    const { stdout, stderr } = spawnSync("python3", ["-c", driver, ...files], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout.trim().split("\n")).toEqual(files.map((file) => `${file} False True`));
  });

  it("leave a graph that Mermaid reads", () => {
    for (const attack of ATTACKS) expect(mermaidProblem(graph(attacked(attack))), attack).toBeUndefined();
  });
});

describe("graph", () => {
  it("is sound Mermaid for any program", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const built = buildProgram(randomProgram(seed, { hasDecimals: seed % 2 === 0 }));
      expect(mermaidProblem(graph(built)), `seed ${seed}`).toBeUndefined();
    }
  });

  it("is judged by a check that fails on what is no Mermaid", () => {
    expect(mermaidProblem('flowchart TD\n  subgraph f0["a"]\n    f0_n1["x"y"]\n  end\n')).toMatch(
      /not a line/,
    );
    expect(
      mermaidProblem('flowchart TD\n  subgraph f0["a"]\n    f0_n1["x"]\n    f0_n1 --> f0_n2\n  end\n'),
    ).toMatch(/f0_n2/);
  });
});

describe("programs that are as deep as the language allows", () => {
  /** Ifs and lets in each other, and a sum, both of 400 levels. */
  const depth = 400;
  const nested = (make: (inner: string, level: number) => string, inner: string): string =>
    Array.from({ length: depth }, (_, level) => level).reduce((text, level) => make(text, level), inner);
  const programs = {
    "a sum": `fn f(n: int) -> int { ${nested((text) => `(1 + ${text})`, "n")} }`,
    "ifs in ifs": `fn f(n: int) -> int { ${nested((text, level) => `if n > ${level} { ${text} } else { ${level} }`, "n")} }`,
  };

  it.each(Object.entries(programs))("are readable code: %s", (_, text) => {
    const read = parse(text);
    if (!read.ok) throw new Error(read.diagnostics[0]?.message);
    const shown = { ...read.program, spec: read.spec };
    expect(
      () => new Function(stripTypeScriptTypes(typescript(shown)).replaceAll("export ", "")),
    ).not.toThrow();
    const file = join(folder, "deep.py");
    writeFileSync(file, python(shown));
    const { status, stderr } = spawnSync(
      "python3",
      ["-c", "import ast, sys; compile(open(sys.argv[1]).read(), 'deep', 'exec')", file],
      { encoding: "utf8" },
    );
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });
});
