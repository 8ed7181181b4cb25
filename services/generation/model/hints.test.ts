import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { PartSource } from "#gen/anrf/api/v1/signature_pb.ts";
import { StructuredIntentSchema } from "#gen/anrf/api/v1/structured_intent_pb.ts";
import { isUnsure, signatureOf } from "./hints.ts";

describe("signatureOf", () => {
  it.each([
    ["word: str) -> int", "word: string -> int"],
    ["xs: list[int], k: int = 3) -> list[list[int]]:", "xs: list<int>, k: int -> list<list<int>>"],
    [") -> Optional[str]", " -> option<string>"],
    ["a: dict[str, float], b: tuple[int, str],) -> bool", "a: map<string, float>, b: (int, string) -> bool"],
    ["word) -> int", undefined],
    ["word: str)", undefined],
    ["word: Foo) -> int", undefined],
    ["word: str) -> None", undefined],
    ["2d: list) -> int", undefined],
    ["", undefined],
  ])("reads the types of %j", (head, expected) => {
    const made = signatureOf(head, "f");
    const text =
      made && `${made.params.map((one) => `${one.name}: ${one.type}`).join(", ")} -> ${made.returns}`;
    expect(text).toBe(expected);
  });
});

describe("isUnsure", () => {
  const intent = (source: PartSource, returnsSource: PartSource, examples = 0) =>
    create(StructuredIntentSchema, {
      signature: { params: [{ name: "x", type: "int", source }], returns: "int", returnsSource },
      examples: Array.from({ length: examples }, () => ({})),
    });

  it("is true of a part that nobody said, and of no other", () => {
    expect(isUnsure(intent(PartSource.PHRASE, PartSource.DEFAULT))).toBe(true);
    expect(isUnsure(intent(PartSource.DEFAULT, PartSource.PHRASE))).toBe(true);
    expect(isUnsure(intent(PartSource.PHRASE, PartSource.PHRASE))).toBe(false);
    expect(isUnsure(intent(PartSource.GIVEN, PartSource.DEFAULT))).toBe(false);
    expect(isUnsure(intent(PartSource.PHRASE, PartSource.DEFAULT, 1))).toBe(false);
    expect(isUnsure(create(StructuredIntentSchema, {}))).toBe(false);
  });
});
