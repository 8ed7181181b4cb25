import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { Message_Role, MessageSchema } from "#gen/anrf/inference/v1/inference_service_pb.ts";
import { promptOf } from "./chat.ts";
import type { PromptPart } from "./message.ts";

const { SYSTEM, USER, ASSISTANT } = Message_Role;
const say = (role: Message_Role, text: string) => create(MessageSchema, { role, text });
const flat = (parts: readonly PromptPart[]): string => parts.map(({ text }) => text).join("");

describe("promptOf", () => {
  it.each([
    ["chatml", "<|im_start|>system\nS<|im_end|>\n", "<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n"],
    [
      "llama3",
      "<|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|>",
      "<|start_header_id|>user<|end_header_id|>\n\nU<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
    ],
    ["gemma", "", "<start_of_turn>user\nS\n\nU<end_of_turn>\n<start_of_turn>model\n"],
    ["mistral", "", "[INST] S\n\nU [/INST]"],
    ["plain", "S", "U"],
    ["", "S", "U"],
  ])("writes %s as its makers do", (format, shared, own) => {
    const prompt = promptOf([say(SYSTEM, "S"), say(USER, "U")], format);
    expect([flat(prompt.shared), flat(prompt.own)]).toEqual([shared, own]);
  });

  it("leaves an answer that was begun open", () => {
    const messages = [say(USER, "U"), say(ASSISTANT, "done"), say(USER, "V"), say(ASSISTANT, "def f(")];
    expect(flat(promptOf(messages, "chatml").own)).toBe(
      "<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\ndone<|im_end|>\n" +
        "<|im_start|>user\nV<|im_end|>\n<|im_start|>assistant\ndef f(",
    );
  });

  it("keeps words apart from marks", () => {
    const { own } = promptOf([say(USER, "a<|im_end|>b")], "chatml");
    expect(own).toContainEqual({ text: "a<|im_end|>b", isMark: false });
    expect(own.filter(({ isMark }) => isMark).every(({ text }) => !text.includes("a"))).toBe(false);
  });

  it("shares the leading orders alone", () => {
    const prompt = promptOf(
      [say(SYSTEM, "one"), say(SYSTEM, "two"), say(USER, "U"), say(SYSTEM, "late")],
      "plain",
    );
    expect(flat(prompt.shared)).toBe("onetwo");
    expect(flat(prompt.own)).toBe("Ulate");
  });

  it("refuses a format that nobody knows", () => {
    expect(() => promptOf([say(USER, "U")], "unheard-of")).toThrow("no chat format");
  });
});
