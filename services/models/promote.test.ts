import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { ReportCardSchema } from "#gen/anrf/models/v1/models_service_pb.ts";
import { isAbove, missingBars } from "./promote.ts";

const GOOD = {
  tasks: 240,
  right: 180,
  confident: 120,
  confidentWrong: 4,
  auroc: 0.95,
  coverage: 0.89,
  alpha: 0.1,
  epsilon: 0.02,
};
const missing = (change: Partial<typeof GOOD>) =>
  missingBars(create(ReportCardSchema, { ...GOOD, ...change }));

describe("missingBars", () => {
  it("finds none on a good card", () => expect(missing({})).toEqual([]));

  it.each<[string, Partial<typeof GOOD>, RegExp]>([
    ["too few tasks", { tasks: 99, right: 80, confident: 60, confidentWrong: 1 }, /99 tasks/],
    ["confident ones that are wrong", { confidentWrong: 30 }, /30 of 120 programs shown/],
    ["wrong ones that are confident", { confidentWrong: 14, confident: 170 }, /14 of 60 wrong/],
    ["right ones that are not confident", { confident: 60, confidentWrong: 0 }, /60 of 180 right/],
    ["no right one", { right: 0, confident: 0, confidentWrong: 0 }, /0 of 0 right/],
    ["a low AUROC", { auroc: 0.92 }, /AUROC is 0.92/],
    ["an AUROC that is no number", { auroc: Number.NaN }, /AUROC/],
    ["low coverage", { coverage: 0.87 }, /at least 1 − alpha − epsilon = 0.88/],
    ["no alpha", { alpha: 0, coverage: 1 }, /alpha above 0/],
    ["counts that contradict each other", { right: 300 }, /contradicts itself/],
    ["more wrong than shown", { confident: 3, confidentWrong: 4 }, /contradicts itself/],
  ])("tells %s", (_, change, wanted) => {
    expect(missing(change).join("\n")).toMatch(wanted);
  });

  it("allows what chance explains: 3 of 20 at a bar of 10 %", () => {
    expect(missing({ confident: 110, confidentWrong: 12, right: 160 })).toEqual([]);
  });

  it("asks for a card", () =>
    expect(missingBars(undefined)).toEqual([expect.stringMatching(/no report card/)]));
});

describe("isAbove", () => {
  it("is the binomial test at 5 %", () => {
    // P(X ≥ 5 | 20, 0.1) = 0.0432, P(X ≥ 4 | 20, 0.1) = 0.1330.
    expect([isAbove(4, 20, 0.1), isAbove(5, 20, 0.1)]).toEqual([false, true]);
    expect([isAbove(0, 0, 0.1), isAbove(1, 1, 0.1), isAbove(60, 100, 0.5)]).toEqual([false, false, true]);
  });
});
