import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadCommand } from "./commands.ts";
import { cliPage } from "./docs.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { flagsOf, VERBS } from "./spec.ts";
import { runCli } from "./testing/fake-io.ts";

describe("the table of verbs", () => {
  it("has a command for each verb, and no command without a verb", async () => {
    for (const verb of VERBS) expect(await loadCommand(verb.name), verb.name).toBeTypeOf("function");
    const files = (await readdir(join(import.meta.dirname, "commands"))).filter(
      (file) => !file.includes(".test."),
    );
    const names = new Set(
      VERBS.map(({ name }) =>
        ["test", "bench"].includes(name) ? "project.ts" : `${name.replace(" ", "-")}.ts`,
      ),
    );
    expect(new Set(files)).toEqual(names);
  });

  it("names nothing twice", () => {
    const words = VERBS.flatMap((verb) => [verb.name, ...(verb.alias === undefined ? [] : [verb.alias])]);
    expect(new Set(words).size).toBe(words.length);
    for (const verb of VERBS) {
      const names = flagsOf(verb).flatMap((flag) => [
        flag.name,
        ...(flag.short === undefined ? [] : [flag.short]),
      ]);
      expect(new Set(names).size, verb.name).toBe(names.length);
    }
  });

  it("gives only exit codes that the table explains", () => {
    const known = new Set(EXIT_CODES.map(([code]) => code));
    for (const verb of VERBS)
      for (const code of verb.exits) expect(known.has(code), `${verb.name} ${code}`).toBe(true);
    expect(new Set(known).size).toBe(EXIT_CODES.length);
  });
});

describe("help", () => {
  it.each(VERBS.map((verb) => verb.name))("%s names its flags and examples", async (name) => {
    const verb = VERBS.find((one) => one.name === name);
    const { code, out } = await runCli(["help", ...name.split(" ")]);
    expect(code).toBe(0);
    for (const flag of verb?.flags ?? []) expect(out).toContain(`--${flag.name}`);
    for (const sample of verb?.samples ?? []) expect(out).toContain(sample.command);
    expect((await runCli([...name.split(" "), "--help"])).out).toBe(out);
  });

  it("lists all verbs, and all exit codes", async () => {
    const { out } = await runCli([]);
    for (const verb of VERBS) expect(out).toContain(`  ${verb.name} `);
    const codes = (await runCli(["help", "exit-codes"])).out;
    for (const [code, meaning] of EXIT_CODES)
      expect(codes).toContain(`  ${String(code).padEnd(3)}  ${meaning.slice(0, 40)}`);
  });

  it("suggests a verb", async () => {
    const { code, err } = await runCli(["help", "verfy"]);
    expect(code).toBe(2);
    expect(err).toContain('did you mean "anrf help verify"?');
  });

  it("is what docs/cli.md says", async () => {
    expect(await readFile(join(import.meta.dirname, "../../docs/cli.md"), "utf8")).toBe(cliPage());
  });
});
