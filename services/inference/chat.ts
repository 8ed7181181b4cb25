import { type Message, Message_Role } from "#gen/anrf/inference/v1/inference_service_pb.ts";
import type { PromptPart } from "./message.ts";

/** The marks of a chat format: control tokens of the model, written as text. */
interface ChatMarks {
  /** Stands before a message of a role, and before the answer. */
  readonly open: (role: RoleName) => string;
  /** Stands behind a message. */
  readonly close: (role: RoleName) => string;
  /** Whether a leading message of the system is put before the first question instead of having its own turn. */
  readonly joinsSystem?: boolean;
}

type RoleName = "system" | "user" | "assistant";

// As the makers of these families document them; the names are those of a model's card.
const FORMATS: Readonly<Record<string, ChatMarks>> = {
  chatml: { open: (role) => `<|im_start|>${role}\n`, close: () => "<|im_end|>\n" },
  llama3: {
    open: (role) => `<|start_header_id|>${role}<|end_header_id|>\n\n`,
    close: () => "<|eot_id|>",
  },
  gemma: {
    open: (role) => `<start_of_turn>${role === "assistant" ? "model" : "user"}\n`,
    close: () => "<end_of_turn>\n",
    joinsSystem: true,
  },
  mistral: {
    open: (role) => (role === "assistant" ? "" : "[INST] "),
    close: (role) => (role === "assistant" ? "</s>" : " [/INST]"),
    joinsSystem: true,
  },
  plain: { open: () => "", close: () => "" },
};

/** A prompt in two parts: what requests share, and this one's own. */
export interface Prompt {
  readonly shared: readonly PromptPart[];
  readonly own: readonly PromptPart[];
}

/**
 * The prompt that a conversation becomes in a chat format. Text of messages is never read as a mark. The shared part is
 * the leading messages of the system with the marks around them.
 */
export function promptOf(messages: readonly Message[], format: string): Prompt {
  const marks = FORMATS[format === "" ? "plain" : format];
  if (marks === undefined) throw new Error(`no chat format ${format}`);
  const shared: PromptPart[] = [];
  const own: PromptPart[] = [];
  const lead = messages.findIndex(({ role }) => role !== Message_Role.SYSTEM);
  const leading = lead < 0 ? messages.length : lead;
  let held = "";
  for (const [at, message] of messages.entries()) {
    const role = ROLES[message.role] ?? "user";
    const parts = at < leading ? shared : own;
    if (marks.joinsSystem === true && role === "system") {
      held += `${message.text}\n\n`;
      continue;
    }
    mark(parts, marks.open(role));
    words(parts, held + message.text);
    held = "";
    // The last word of the assistant is the answer begun: it stays open.
    if (at === messages.length - 1 && role === "assistant") return { shared, own };
    mark(parts, marks.close(role));
  }
  words(own, held);
  mark(own, marks.open("assistant"));
  return { shared, own };
}

/** Whether a word names a chat format. */
export function isChatFormat(format: string): boolean {
  return format === "" || Object.hasOwn(FORMATS, format);
}

const ROLES: Readonly<Record<number, RoleName>> = {
  [Message_Role.SYSTEM]: "system",
  [Message_Role.USER]: "user",
  [Message_Role.ASSISTANT]: "assistant",
};

function mark(parts: PromptPart[], text: string): void {
  if (text !== "") parts.push({ text, isMark: true });
}

function words(parts: PromptPart[], text: string): void {
  if (text !== "") parts.push({ text, isMark: false });
}
