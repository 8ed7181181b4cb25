import type { Type } from "#anrf/program/type.ts";
import type { Value } from "#anrf/program/value.ts";
import { pythonName, pythonType, pythonValue } from "./python-text.ts";

/** What a function is to do, as a model is told. */
export interface Question {
  readonly name: string;
  readonly params: readonly { readonly name: string; readonly type: Type }[];
  readonly result: Type;
  readonly examples: readonly QuestionExample[];
}

/** One example, with typed values. */
export interface QuestionExample {
  readonly args: readonly Value[];
  readonly expected: { readonly value: Value } | { readonly trap: string };
}

/** One turn of a conversation with a model. */
export interface PromptMessage {
  readonly role: "system" | "user" | "assistant";
  readonly text: string;
}

/** Bumped whenever a prompt may come out differently: samples of two versions are not to be compared. */
export const PROMPT_VERSION = "python-1";

const SYSTEM =
  "You write short, correct Python functions. Answer with one code block that holds the whole function, without any explanation.";
/** What ends an answer: the fence that closes the code. */
export const ANSWER_END = "```";
/** Examples that are shown: more of them cost the reading of the prompt and tell little. */
const MOST_EXAMPLES = 8;
/** Longer ones are left to the judge. */
const MOST_EXAMPLE_LENGTH = 400;

/** What a model is asked, and how its answer begins. */
export interface Prompt {
  readonly messages: readonly PromptMessage[];
  /** The head of the function: what the model writes continues it. */
  readonly head: string;
}

/**
 * The question for a task in Python: its words, the exact signature, examples, and the answer begun, so that names and
 * types are those of the task (measured: facts on code models that write Python).
 */
export function promptOf(task: Question, words: string): Prompt {
  const head = headOf(task);
  const shown = task.examples.flatMap((one) => exampleText(one, task)).slice(0, MOST_EXAMPLES);
  const question = [
    words.trim(),
    `\nSignature: ${head.trimEnd()}`,
    ...(shown.length === 0 ? [] : ["\nExamples:", ...shown]),
  ].join("\n");
  return {
    messages: [
      { role: "system", text: SYSTEM },
      { role: "user", text: question },
      { role: "assistant", text: `\`\`\`python\n${head}` },
    ],
    head,
  };
}

/** The question again, with an answer and what is wrong with it: the one turn in which a model may mend. */
export function repairPromptOf(prompt: Prompt, answer: string, wrong: string): Prompt {
  const [system, user, begun] = prompt.messages;
  if (system === undefined || user === undefined || begun === undefined)
    throw new Error("a prompt has three messages");
  return {
    messages: [
      system,
      user,
      { role: "assistant", text: `\`\`\`python\n${answer.trimEnd()}\n\`\`\`` },
      { role: "user", text: `${wrong}\nWrite the corrected function.` },
      begun,
    ],
    head: prompt.head,
  };
}

/** The head of the function in Python, up to its line's end. */
export function headOf({ name, params, result }: Question): string {
  const list = params.map((param) => `${pythonName(param.name)}: ${pythonType(param.type)}`).join(", ");
  return `def ${pythonName(name)}(${list}) -> ${pythonType(result)}:\n`;
}

function exampleText({ args, expected }: QuestionExample, task: Question): readonly string[] {
  const call = callText(args, task);
  const text =
    "value" in expected
      ? `${call} == ${pythonValue(expected.value, task.result)}`
      : `${call} raises an exception`;
  return text.length > MOST_EXAMPLE_LENGTH ? [] : [text];
}

/** The call of the function with these arguments. */
export function callText(args: QuestionExample["args"], { name, params }: Question): string {
  return `${pythonName(name)}(${params.map(({ type }, at) => pythonValue(args[at] ?? null, type)).join(", ")})`;
}
