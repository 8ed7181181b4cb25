import { existsSync } from "node:fs";
import { basename } from "node:path";
import { expect, it } from "vitest";
import { InferenceService, Message_Role } from "#gen/anrf/inference/v1/inference_service_pb.ts";
import { processEnv } from "#platform/process/env.ts";
import { startTestHost } from "../../tests/host.ts";
import { hear, TEST_TOPOLOGY } from "../../tests/infer.ts";
import { putModel } from "../../tests/models.ts";
import { target } from "./target.ts";

const PATH = processEnv()["ANRF_TEST_GGUF"] ?? "";

it("a real model answers, by its own chat format", { timeout: 300_000 }, async (test) => {
  if (!existsSync(PATH))
    return test.skip(
      "set ANRF_TEST_GGUF to the GGUF file of a small chatml model, such as SmolLM2-135M-Instruct",
    );
  await using system = await startTestHost([target], { ANRF_MODELS_UNSIGNED: "allow" }, TEST_TOPOLOGY);
  const inference = system.host.client(InferenceService, "generation");
  const call = { ...(await system.newCall()), deadline: Date.now() + 280_000 };
  const modelDigest = await putModel(system.objects, { [basename(PATH)]: PATH }, { chatFormat: "chatml" });
  const { answers, error, events } = await hear(
    inference,
    {
      modelDigest,
      messages: [
        {
          role: Message_Role.SYSTEM,
          text: "Short, correct Python functions, one code block, no explanation.",
        },
        { role: Message_Role.USER, text: "Write a Python function that adds two numbers." },
        { role: Message_Role.ASSISTANT, text: "```python\ndef add(a, b):\n" },
      ],
      maxTokens: 48,
      stop: ["```"],
    },
    call,
  );
  expect(error).toBeUndefined();
  expect(answers[0]?.text).toContain("return a + b");
  expect(events.at(-1)?.event.case).toBe("completed");
});
