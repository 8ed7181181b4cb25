import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { envoyYaml } from "./yaml.ts";

describe("envoyYaml", () => {
  it("quotes words that Envoy's reader would take for truth values", () => {
    for (const word of ["no", "off", "OFF", "on", "yes", "y", "true", "null", "1e3", "0x10"]) {
      const text = envoyYaml({ value: word });
      expect(text).toMatch(new RegExp(`value: ["']${word}["']`));
      expect(parse(text, { version: "1.1" })).toEqual({ value: word });
    }
  });

  it("repeats what is the same object, so that a diff shows what changed", () => {
    const same = { a: 1 };
    expect(envoyYaml({ first: same, second: same })).not.toMatch(/[&*]/);
  });
});
