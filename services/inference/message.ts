// What a node and the process that runs a model say to each other. Both ends are this build: no versions are needed.

/** How a model is to be loaded. */
export interface LoadOrder {
  readonly kind: "load";
  /** Its first file; the others of a split model stand beside it. */
  readonly path: string;
  /** Tokens that one request's context holds. */
  readonly contextTokens: number;
  readonly slots: number;
  readonly threads: number;
  /** One context for all requests: faster where much is computed at once, and not exact. */
  readonly isShared: boolean;
  readonly backend: Backend;
}

/** Which device is wanted; `auto` takes the best there is. */
export type BackendWish = "auto" | Backend;

/** What computes. */
export type Backend = "cpu" | "cuda" | "vulkan" | "metal";

/** A piece of a prompt: marks are read as the control tokens that they name, words never. */
export interface PromptPart {
  readonly text: string;
  readonly isMark: boolean;
}

/** How the tokens of one answer are drawn. */
export interface Drawing {
  /** 0: the likeliest. */
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly seed: bigint;
}

/** One request for a loaded model. */
export interface InferOrder {
  readonly kind: "infer";
  readonly job: number;
  /** What requests share comes first; the model keeps what it read of it. */
  readonly shared: readonly PromptPart[];
  readonly own: readonly PromptPart[];
  /** One for each answer. */
  readonly answers: readonly Drawing[];
  readonly maxTokens: number;
  readonly stop: readonly string[];
  /** Tokens that may be made before the next `more`. */
  readonly credit: number;
}

/** To the process of a model. */
export type Order =
  /** Say what computes here. */
  | { readonly kind: "probe" }
  | LoadOrder
  /** The memory that `needs` told is free. */
  | { readonly kind: "proceed" }
  | InferOrder
  | { readonly kind: "more"; readonly job: number; readonly tokens: number }
  | { readonly kind: "cancel"; readonly job: number };

/** A model that is ready. */
export interface Loaded {
  readonly kind: "loaded";
  readonly contextTokens: number;
}

/** Why an answer ended. */
export type Finish = "end" | "stop" | "length";

/** What a request has cost until now. */
export interface Spent {
  readonly promptTokens: number;
  readonly reusedTokens: number;
  readonly tokens: number;
  readonly promptMs: number;
  readonly decodeMs: number;
  /** Tokens of prompt and answer that were evaluated after the cancel had come. */
  readonly lateTokens: number;
}

/** What happens to one request. */
export type JobReport =
  | { readonly kind: "prompt"; readonly job: number; readonly done: number; readonly total: number }
  | {
      readonly kind: "token";
      readonly job: number;
      readonly answer: number;
      /** -1 from a server that does not tell. */
      readonly id: number;
      readonly text: string;
      readonly logprob: number | undefined;
    }
  | {
      readonly kind: "answer";
      readonly job: number;
      readonly answer: number;
      readonly finish: Finish;
      readonly tokens: number;
      readonly logprob: number | undefined;
      /** What was held back and turned out to be text. */
      readonly rest: string;
    }
  | { readonly kind: "done"; readonly job: number; readonly spent: Spent }
  | {
      readonly kind: "failed";
      readonly job: number;
      readonly why: Refusal;
      readonly message: string;
      readonly spent: Spent;
    };

/** Why something was not done: an ordinary refusal by its kind, or a fault. */
export type Refusal =
  | "cancelled"
  | "prompt-too-long"
  | "prompt-empty"
  | "too-large"
  | "unreadable"
  | "no-backend"
  | "fault";

/** From the process of a model. */
export type Report =
  | { readonly kind: "backend"; readonly backend: Backend }
  /** Bytes that the model with all its contexts is estimated to take; it waits for `proceed`. */
  | { readonly kind: "needs"; readonly memory: number; readonly contextTokens: number }
  | Loaded
  | { readonly kind: "loading"; readonly share: number }
  | { readonly kind: "refused"; readonly why: Refusal; readonly message: string }
  | JobReport;
