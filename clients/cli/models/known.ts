/** A model that `anrf model add` knows: its publisher's file by size and SHA-256, and how it is used. */
export interface KnownModel {
  readonly name: string;
  readonly description: string;
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
  readonly license: string;
  readonly attribution: string;
  readonly notation: "python" | "anrf";
  readonly chatFormat: string;
  readonly settings: {
    readonly temperature: number;
    readonly topK: number;
    readonly topP: number;
    readonly maxTokens: number;
  };
}

const QWEN = {
  license: "Apache-2.0",
  attribution: "Qwen team, Alibaba Cloud",
  notation: "python",
  chatFormat: "chatml",
  settings: { temperature: 0.8, topK: 40, topP: 0.95, maxTokens: 256 },
} as const;

/** All of them. The files come from whoever adds them; nothing is downloaded that was not named. */
export const KNOWN_MODELS: readonly KnownModel[] = [
  {
    ...QWEN,
    name: "qwen2.5-coder-0.5b-instruct",
    description: "Qwen2.5-Coder 0.5B Instruct, Q4_K_M: small code model, about 0.8 GB in memory",
    file: "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    size: 491_400_064,
    sha256: "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
  },
  {
    ...QWEN,
    name: "qwen2.5-coder-1.5b-instruct",
    description: "Qwen2.5-Coder 1.5B Instruct, Q4_K_M: code model, about 2 GB in memory",
    file: "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    size: 1_117_320_768,
    sha256: "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
  },
];
