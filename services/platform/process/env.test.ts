import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "./env.ts";

describe("readConfig", () => {
  it("reads what is there and falls back where nothing is", () => {
    const env = { A: " text ", B: "7", C: "yes", D: "x, y", E: "", F: "red" };
    const config = readConfig(env, (vars) => ({
      a: vars.text("A", "none"),
      b: vars.int("B", 1),
      c: vars.flag("C", false),
      d: vars.list("D", []),
      e: vars.text("E", "fallback"),
      f: vars.choice("F", ["red", "blue"], "blue"),
      g: vars.number("G", 0.5),
    }));
    expect(config).toEqual({ a: "text", b: 7, c: true, d: ["x", "y"], e: "fallback", f: "red", g: 0.5 });
  });

  it("reports every mistake at once, and no password", () => {
    const env = {
      PORT: "many",
      SECONDS: "400",
      MODE: "fast",
      ON: "perhaps",
      DB: "mysql://me:hunter2@host/db",
      KEY: "/no/such/file",
    };
    const read = () =>
      readConfig(env, (vars) => [
        vars.int("PORT", 1),
        vars.int("SECONDS", 1, { min: 1, max: 300 }),
        vars.choice("MODE", ["slow", "safe"], "safe"),
        vars.flag("ON", true),
        vars.url("DB", ["postgres:"]),
        vars.file("KEY"),
      ]);
    let mistakes: readonly string[] = [];
    try {
      read();
    } catch (error) {
      if (error instanceof ConfigError) mistakes = error.mistakes;
    }
    expect(mistakes).toEqual([
      'PORT="many": expected a whole number',
      'SECONDS="400": expected a whole number from 1 to 300',
      'MODE="fast": expected one of slow, safe',
      'ON="perhaps": expected true or false',
      "DB: expected a URL that starts with postgres://",
      "KEY=/no/such/file: cannot read the file (ENOENT)",
    ]);
  });
});
