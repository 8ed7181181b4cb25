import { describe, expect, it } from "vitest";
import { Failure } from "./failure.ts";
import { parse } from "./parse.ts";

function refused(argv: readonly string[]): Failure {
  try {
    parse(argv, {});
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("verbs", () => {
  const cases: readonly (readonly [argv: string[], verb: string, args: string[]])[] = [
    [["sum the even numbers"], "generate", ["sum the even numbers"]],
    [["-o", "jsonl", "sum the even numbers"], "generate", ["sum the even numbers"]],
    [["generate", "sum", "them"], "generate", ["sum", "them"]],
    [["execute", "ID", "[1]"], "run", ["ID", "[1]"]],
    [["keys", "create", "ci"], "keys create", ["ci"]],
    [["context", "list"], "context list", []],
    [["--help"], "help", []],
    [[], "help", []],
    [["help", "keys", "create"], "help", ["keys", "create"]],
    [["run", "ID", "--", "-5"], "run", ["ID", "-5"]],
  ];
  it.each(cases)("%j", (argv, verb, args) => {
    const input = parse(argv, {});
    expect(input.verb.name).toBe(verb);
    expect(input.args).toEqual(args);
  });

  it("hands everything after test, check and bench on", () => {
    expect(parse(["bench", "tasks", "--suite", "list", "-o"], {}).args).toEqual([
      "tasks",
      "--suite",
      "list",
      "-o",
    ]);
    expect(parse(["test", "--help"], {}).flags.has("help")).toBe(true);
  });
});

describe("flags", () => {
  it("reads values, repeats, short forms and inline values", () => {
    const { flags } = parse(
      ["generate", "x y", "-e", "A", "--example=B", "--seed=7", "--wall", "1500ms"],
      {},
    );
    expect(flags.texts("example")).toEqual(["A", "B"]);
    expect(flags.text("seed")).toBe("7");
    expect(flags.seconds("wall")).toBe(1.5);
    expect(flags.has("dry-run")).toBe(false);
  });

  it("prefers a flag to its variable, and an empty variable counts as absent", () => {
    const env = { ANRF_ADDRESS: "http://env", ANRF_PROFILE: "" };
    expect(parse(["list", "--address", "http://flag"], env).flags.text("address")).toBe("http://flag");
    expect(parse(["list"], env).flags.text("address")).toBe("http://env");
    expect(parse(["list"], env).flags.text("profile")).toBeUndefined();
  });

  it("takes a negative number as a value", () => {
    expect(parse(["feedback", "create", "ID@1", "--score", "-1"], {}).flags.number("score")).toBe(-1);
  });
});

describe("mistakes", () => {
  const cases: readonly (readonly [argv: string[], why: RegExp, fix: RegExp])[] = [
    [["genrate"], /no such verb/, /anrf generate/],
    [
      ["sum", "the", "even", "numbers"],
      /no such verb/,
      /put a sentence in quotes: anrf "sum the even numbers"/,
    ],
    [["keys"], /create, list, revoke/, /anrf/],
    [["keys", "lst"], /create, list, revoke/, /anrf keys list/],
    [["list", "--sginature", "x"], /no flag --sginature/, /--signature/],
    [["generate", "x y", "--effort", "quik"], /one of quick, standard, deep/, /quick/],
    [["generate", "x y", "--seed"], /needs a value/, /^$/],
    [["generate", "x y", "--model", "--dry-run"], /needs a value/, /^$/],
    [["generate", "x y", "--dry-run=yes"], /takes no value/, /^$/],
    [["get", "ID"], /FILE is missing/, /anrf help get/],
    [["show", "A", "B"], /an argument too many: B/, /anrf help show/],
  ];
  it.each(cases)("%j", (argv, why, fix) => {
    const failure = refused(argv);
    expect(failure.exit).toBe(2);
    expect(failure.why).toMatch(why);
    expect(failure.fix).toMatch(fix);
  });

  it("says which number or time cannot be read", () => {
    expect(() => parse(["list", "-n", "many"], {}).flags.integer("limit")).toThrow(
      "cannot read --limit many",
    );
    expect(() => parse(["list", "-n", "-3"], {}).flags.integer("limit", 1)).toThrow("cannot read --limit -3");
    expect(() => parse(["list", "--timeout", "soon"], {}).flags.seconds("timeout")).toThrow(
      "cannot read --timeout soon",
    );
  });
});
