import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { getOption, hasOption } from "@bufbuild/protobuf";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { scope } from "#gen/anrf/api/v1/options_pb.ts";
import { http } from "#gen/google/api/annotations_pb.ts";
import { PUBLIC_SERVICES } from "../services/edge/public.ts";
import { TOPOLOGY } from "../services/topology.ts";
import { testDatabase } from "./database.ts";

const ROOT = join(import.meta.dirname, "..");

interface Source {
  /** From the root, such as `anrf/check/check.ts`. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
}

function sources(folder: string): readonly Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile() && one.name.endsWith(".ts"))
    .map((one) => relative(ROOT, join(one.parentPath, one.name)))
    .filter((path) => !/node_modules|\/testdata\/|vscode|console/.test(path))
    .sort()
    .map((path) => {
      const text = readFileSync(join(ROOT, path), "utf8");
      return { path, text, lines: text.split("\n") };
    });
}

const CODE = ["anrf", "services", "clients", "scripts", "bench"].flatMap(sources);
const isTest = ({ path }: Source): boolean => path.endsWith(".test.ts") || path.includes("/testing/");
const PRODUCT = CODE.filter((source) => !isTest(source));

const share = (values: readonly number[], part: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0;

/** What a file imports, as it spells it. */
const importsOf = ({ text }: Source): readonly string[] =>
  [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom "([^"]+)"|\bimport\("([^"]+)"\)/gms)].map(
    ([, from, dynamic]) => from ?? dynamic ?? "",
  );

/** Folders over 18 files: one file an item of a list, or grown over it; these numbers only go down. */
const LARGER: Readonly<Record<string, number>> = {
  "anrf/program": 20,
  "anrf/search": 26,
  "anrf/std": 20,
  "anrf/text": 32,
  "clients/cli": 38,
  "clients/cli/commands": Infinity,
  "services/platform/data/migrations": Infinity,
};

describe("size", () => {
  it("of files: median 120, nine of ten under 300, none over 500 lines", () => {
    const sizes = PRODUCT.map(({ lines }) => lines.length);
    expect(share(sizes, 0.5)).toBeLessThanOrEqual(120);
    expect(share(sizes, 0.9)).toBeLessThanOrEqual(300);
    expect(PRODUCT.filter(({ lines }) => lines.length > 500).map(({ path }) => path)).toEqual([]);
  });

  it("of functions: median 12, nine of ten under 40 lines; the linter holds the most", () => {
    const sizes = PRODUCT.flatMap((source) => functionsOf(source));
    expect(sizes.length).toBeGreaterThan(500);
    expect(
      share(
        sizes.map(({ lines }) => lines),
        0.5,
      ),
    ).toBeLessThanOrEqual(12);
    expect(
      share(
        sizes.map(({ lines }) => lines),
        0.9,
      ),
    ).toBeLessThanOrEqual(40);
  });

  it("of folders: at most 18 files, tests apart", () => {
    const counts = new Map<string, number>();
    for (const { path } of PRODUCT) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
    expect([...counts].filter(([folder, count]) => count > (LARGER[folder] ?? 18))).toEqual([]);
  });

  /** Declared functions and methods, by the indentation that the formatter holds; blank lines do not count. */
  function functionsOf({ path, lines }: Source): readonly { readonly at: string; readonly lines: number }[] {
    return lines.flatMap((line, start) => {
      const head = FUNCTION.exec(line);
      if (head === null || /^\s*(?:if|for|while|switch)\b|=>/.test(line)) return [];
      const end = lines.findIndex((other, at) => at > start && other === `${head[1]}}`);
      const body = lines.slice(start + 1, end).filter((one) => one.trim() !== "");
      return end < 0 ? [] : [{ at: `${path}:${start + 1}`, lines: body.length }];
    });
  }
});

const FUNCTION =
  /^( {0,4})(?:(?:export )?(?:async )?function\*? .*|(?:get |set |static |async |\*)*#?\w+\([^()]*\)(?:: .+)? )\{$/;

describe("words", () => {
  it("every export of anrf/ and services/platform/ says what it promises", () => {
    const silent = PRODUCT.filter(({ path }) => /^(anrf|services\/platform)\//.test(path)).flatMap(
      ({ path, lines }) =>
        lines.flatMap((line, at) => {
          if (!/^export (?!\{|type \{|\*)/.test(line)) return [];
          return lines[at - 1]?.trimEnd().endsWith("*/") ? [] : [`${path}:${at + 1}`];
        }),
    );
    expect(silent).toEqual([]);
  });

  it("no file puts work off", () => {
    const put = CODE.flatMap(({ path, lines }) =>
      lines.flatMap((line, at) =>
        /\b(TODO|FIXME|XXX|HACK)\b/.test(line) && !path.startsWith("tests/") ? [`${path}:${at + 1}`] : [],
      ),
    );
    expect(put).toEqual([]);
  });

  it("every test that is left out says why", () => {
    const all = [...CODE, ...sources("tests"), ...sources("training")].filter(({ path }) =>
      path.endsWith(".test.ts"),
    );
    const left = all.flatMap(({ path, lines }) =>
      lines.flatMap((line, at) =>
        /\b(?:(?:it|describe)\.(?:skip|todo|only)\(|test\.skip\(\))/.test(line) ? [`${path}:${at + 1}`] : [],
      ),
    );
    expect(left).toEqual([]);
  });
});

describe("layers", () => {
  const PACKAGES = [
    "@bufbuild/protobuf",
    "@bufbuild/protobuf/wire",
    "@bufbuild/protobuf/wkt",
    "@noble/hashes/sha2.js",
    "@noble/hashes/utils.js",
  ];
  const breaks = (
    files: readonly Source[],
    isAllowed: (from: string, source: Source) => boolean,
  ): readonly string[] =>
    files.flatMap((source) =>
      importsOf(source)
        .filter((from) => !isAllowed(from, source))
        .map((from) => `${source.path} imports ${from}`),
    );

  it("the language is pure: it imports itself, the generated code and two packages; the importer also its parsers", () => {
    const files = PRODUCT.filter(({ path }) => path.startsWith("anrf/"));
    const isPure = (from: string, { path }: Source): boolean =>
      /^(\.\/|#anrf\/|#gen\/)/.test(from) ||
      PACKAGES.includes(from) ||
      (path.startsWith("anrf/import/") && /^@lezer\/(common|python|javascript)$/.test(from));
    expect(breaks(files, isPure)).toEqual([]);
  });

  it("the language has no clock and no chance", () => {
    const files = PRODUCT.filter(({ path }) => path.startsWith("anrf/"));
    const impure = files.filter(({ text }) =>
      /\b(Date\.now|performance\.now|Math\.random|process\.|console\.)/.test(text),
    );
    expect(impure.map(({ path }) => path)).toEqual([]);
  });

  it("what services share knows nothing of the language and of no service", () => {
    const files = PRODUCT.filter(({ path }) => path.startsWith("services/platform/"));
    expect(breaks(files, (from) => !from.startsWith("#anrf/") && !/\.\.\/\.\.\//.test(from))).toEqual([]);
  });

  it("a service imports its own folder and what all share, never another service", () => {
    const files = PRODUCT.filter(({ path }) => /^services\/(?!platform\/)[^/]+\//.test(path));
    expect(files.length).toBeGreaterThan(50);
    expect(breaks(files, (from) => !from.startsWith("../"))).toEqual([]);
  });

  it("clients know the contract and the language, and no service", () => {
    const files = PRODUCT.filter(({ path }) => path.startsWith("clients/"));
    expect(breaks(files, (from) => !from.startsWith("#platform/") && !from.includes("services/"))).toEqual(
      [],
    );
  });

  it("nobody imports the tools", () => {
    const files = PRODUCT.filter(({ path }) => /^(anrf|services|clients)\//.test(path));
    expect(breaks(files, (from) => !/\/(tests|bench|training|scripts)\//.test(from))).toEqual([]);
  });
});

describe("services", () => {
  const NAMES = TOPOLOGY.map(({ name }) => name);
  const filesOf = (name: string): readonly Source[] =>
    PRODUCT.filter(({ path }) => path.startsWith(`services/${name}/`));
  const readme = (name: string): string => readFileSync(join(ROOT, "services", name, "README.md"), "utf8");

  it.each(NAMES.filter((name) => name !== "edge"))(
    "%s calls whom the topology says, and nobody else",
    (name) => {
      const called = filesOf(name).flatMap(({ text }) =>
        [...text.matchAll(/\bhost\.client\((\w+)\)/g)].map(([, service]) => service ?? ""),
      );
      const targets = called.map((service) => {
        const plan = TOPOLOGY.find(({ services }) =>
          services.some((one) => one.service.typeName.endsWith(`.${service}`)),
        );
        return plan?.name ?? service;
      });
      const callees: readonly string[] = TOPOLOGY.find((plan) => plan.name === name)?.callees ?? [];
      expect([...new Set(targets)].sort()).toEqual([...callees].sort());
    },
  );

  it.each(NAMES)("%s reads variables in its config.ts alone, and names them in its README", (name) => {
    const named = (text: string): readonly string[] => [
      ...new Set(
        [
          ...text.matchAll(
            /\b(?:text|int|number|flag|choice|list|url|file|env\[?)\(?\s*"(ANRF_[A-Z0-9_]+)"/g,
          ),
        ].map(([, one]) => one ?? ""),
      ),
    ];
    const outside = filesOf(name)
      .filter(({ path }) => basename(path) !== "config.ts")
      .flatMap(({ path, text }) => named(text).map((variable) => `${path}: ${variable}`));
    expect(outside).toEqual([]);
    const own = filesOf(name).flatMap(({ text }) => named(text));
    const missing = own.filter((variable) => !readme(name).includes(variable));
    expect(missing).toEqual([]);
  });

  it.each(TOPOLOGY.filter(({ services }) => services.length > 0))(
    "$name has its RPCs in its README",
    ({ name, services }) => {
      const methods = services.flatMap(({ service }) => service.methods.map((method) => method.name));
      expect(methods.filter((method) => !readme(name).includes(method))).toEqual([]);
    },
  );

  it("have all the files of their shape", () => {
    const shape = ["README.md", "target.ts", "routes.ts"];
    // A gateway and pages serve no RPC of their own.
    const serving = TOPOLOGY.filter(({ services }) => services.length > 0);
    const missing = serving.flatMap(({ name }) => {
      const there = readdirSync(join(ROOT, "services", name));
      return shape.filter((file) => !there.includes(file)).map((file) => `services/${name}/${file}`);
    });
    expect(missing).toEqual([]);
  });

  it("touch SQL in store.ts and platform/data alone", () => {
    const others = PRODUCT.filter(
      ({ path }) => /^services\//.test(path) && !/\/store\.ts$|^services\/platform\/data\//.test(path),
    );
    const touching = others.filter(({ text }) =>
      /\.(selectFrom|insertInto|updateTable|deleteFrom)\(/.test(text),
    );
    expect(touching.map(({ path }) => path)).toEqual([]);
  });
});

describe("the contract", () => {
  const methods = PUBLIC_SERVICES.flatMap((service) =>
    service.methods.map((method) => ({ name: `${service.name}/${method.name}`, method })),
  );

  it.each(methods)("$name has a scope and an HTTP rule", ({ method }) => {
    expect(hasOption(method, scope)).toBe(true);
    expect(getOption(method, scope)).toBeGreaterThan(0);
    expect(getOption(method, http).pattern.case).toBeDefined();
  });
});

describe("the database", () => {
  it("knows whose every row is", async () => {
    await using database = await testDatabase();
    const { rows } = await sql<{ name: string; owned: boolean }>`
      select t.table_name as name, exists (
        select from information_schema.columns c
        where c.table_schema = 'public' and c.table_name = t.table_name and c.column_name = 'client_id') as owned
      from information_schema.tables t where t.table_schema = 'public' order by 1`.execute(database.db);
    expect(rows.length).toBeGreaterThan(8);
    // The clients themselves, and the migrations that have run.
    const without = rows.filter(({ owned }) => !owned).map(({ name }) => name);
    expect(without.filter((name) => name !== "clients" && !/migration/.test(name))).toEqual([]);
  });
});
