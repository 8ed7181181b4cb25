import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { type Json, parseJson } from "#anrf/program/json.ts";
import { writeJsonWire } from "#anrf/program/json-wire.ts";
import { ExecuteResponseSchema, ExecutionService } from "#gen/anrf/execution/v1/execution_service_pb.ts";
import { platformAt } from "./client.ts";
import { answerText, type ExactResponse, executeExactly, resultOf } from "./exact.ts";
import { fakePlatform } from "./testing/fake-platform.ts";

function read(text: string): Json {
  const reading = parseJson(text);
  if (reading.fault !== undefined) throw new Error(reading.fault.error);
  return reading.json;
}

function exact(text: string): ExactResponse {
  const { output: _none, ...rest } = create(ExecuteResponseSchema, { executionId: "x" });
  return { ...rest, output: writeJsonWire(read(text)) };
}

it("keeps the order of members that plain objects would change", () => {
  const response = exact('{"result":{"b":1,"10":2,"9":3,"__proto__":4}}');
  expect(answerText(response, 0)).toContain('"output":{"result":{"b":1,"10":2,"9":3,"__proto__":4}},');
  expect(JSON.parse(answerText(response, 2)).executionId).toBe("x");
});

it("has no result beside a trap", () => {
  expect(resultOf({ ...exact("null"), output: new Uint8Array() })).toBeUndefined();
});

it("sends integers that doubles cannot hold as digits, and is the same call on the wire", async () => {
  let seen: unknown;
  await using platform = await fakePlatform((router) => {
    router.service(ExecutionService, {
      execute: ({ inputs }) => {
        seen =
          inputs?.kind.case === "listValue" ? inputs.kind.value.values.map((one) => one.kind.value) : inputs;
        return { ...(inputs === undefined ? {} : { output: inputs }), fuelUsed: 5n };
      },
    });
  });
  const inputs = read("[9007199254740993,9007199254740994,9007199254740991,-1.5,1e18]");
  const settings = {
    address: platform.address,
    key: "k",
    protocol: "connect",
    timeoutMs: undefined,
  } as const;
  const response = await executeExactly(platformAt(settings), { anrfId: "x" }, inputs);
  expect(seen).toEqual(["9007199254740993", "9007199254740994", 9007199254740991, -1.5, 1e18]);
  expect(answerText(response, 0)).toContain(
    '"output":["9007199254740993","9007199254740994",9007199254740991,-1.5,',
  );
  expect(answerText(response, 0)).toContain('"fuelUsed":"5"');
});
