import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import { createValidator } from "@bufbuild/protovalidate";
import { describe, expect, it } from "vitest";
import { AuthService } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import { ExecutionService } from "#gen/anrf/execution/v1/execution_service_pb.ts";
import {
  CreateFeedbackRequestSchema,
  FeedbackService,
  GetContextRequestSchema,
} from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { GenerationService } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { IntentService } from "#gen/anrf/intent/v1/intent_service_pb.ts";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { VerificationService } from "#gen/anrf/verification/v1/verification_service_pb.ts";
import { ViewService } from "#gen/anrf/view/v1/view_service_pb.ts";
import { quickCheck } from "./rules.ts";

const SERVICES = [
  AuthService,
  ExecutionService,
  FeedbackService,
  GenerationService,
  IntentService,
  RegistryService,
  VerificationService,
  ViewService,
];
const ID = "018f0000-0000-7000-8000-0000000000aa";
const validator = createValidator();

/** Values that stand at and beyond the borders of rules. */
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  string: [
    "",
    "a",
    ID,
    ID.toUpperCase(),
    `${ID}0`,
    "x".repeat(64),
    "\u{1f600}".repeat(101),
    "y".repeat(9_000),
  ],
  number: [0, 1, -1, 4, 99, 1e9, Number.NaN, Number.POSITIVE_INFINITY],
  bigint: [0n, 1n, -1n, 1n << 40n],
  boolean: [true, false],
};

// Every message of the contract's requests, each field with each value, all else in order or empty.
function* variants(desc: DescMessage): Generator<Message> {
  const filled = create(desc) as Message & Record<string, unknown>;
  for (const field of desc.fields) {
    if (field.oneof !== undefined) continue;
    if (field.scalar !== undefined && field.fieldKind === "scalar" && filled[field.localName] === "")
      filled[field.localName] = ID;
    if (field.fieldKind === "enum") filled[field.localName] = field.enum.values.at(-1)?.number;
    if (field.fieldKind === "scalar" && filled[field.localName] === 0) filled[field.localName] = 1;
  }
  for (const base of [create(desc) as Message & Record<string, unknown>, filled]) {
    yield base;
    for (const field of desc.fields) {
      if (field.oneof !== undefined || field.fieldKind === "map" || field.message !== undefined) continue;
      const sample =
        field.fieldKind === "list"
          ? ""
          : field.fieldKind === "enum"
            ? 0
            : (create(desc) as Message & Record<string, unknown>)[field.localName];
      const values =
        field.fieldKind === "list"
          ? [[], ["a"], Array.from({ length: 5_000 }, () => "a")]
          : (VALUES[typeof sample] ??
            VALUES[typeof (field.fieldKind === "scalar" && field.scalar === 1 ? 0 : "")] ??
            []);
      for (const value of values) yield { ...base, [field.localName]: value } as Message;
    }
  }
}

const isValid = (desc: DescMessage, message: Message): boolean => {
  try {
    return validator.validate(desc, message).kind === "valid";
  } catch {
    return false;
  }
};

describe("quickCheck", () => {
  it.each(
    SERVICES.flatMap((service) =>
      service.methods.map((one) => [`${service.name}/${one.name}`, one.input] as const),
    ),
  )("never lets pass what the rules of %s refuse", (_, desc) => {
    const check = quickCheck(desc);
    const wrong = [...variants(desc)].filter((message) => check(message) && !isValid(desc, message));
    expect(wrong).toEqual([]);
  });

  it("finds a plain valid request valid by itself", () => {
    const check = quickCheck(CreateFeedbackRequestSchema);
    const request = { anrfId: ID, version: 1, kind: 1, comment: "good", generationId: ID } as const;
    expect(check(create(CreateFeedbackRequestSchema, request))).toBe(true);
    expect(check(create(CreateFeedbackRequestSchema, { ...request, generationId: "" }))).toBe(true);
    expect(check(create(CreateFeedbackRequestSchema, { ...request, version: 0 }))).toBe(false);
    expect(check(create(CreateFeedbackRequestSchema, { ...request, kind: 0 }))).toBe(false);
    expect(check(create(CreateFeedbackRequestSchema, { ...request, anrfId: "no" }))).toBe(false);
  });

  it("leaves rules over a whole message to the validator", () => {
    expect(quickCheck(GetContextRequestSchema)(create(GetContextRequestSchema, { contextId: ID }))).toBe(
      false,
    );
  });
});
