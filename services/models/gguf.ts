/** What the header of a GGUF file says of its model. */
export interface GgufHeader {
  readonly version: number;
  readonly architecture: string;
  readonly tokenizer: string;
  /** Numbers in the tensors of this file. */
  readonly parameters: bigint;
  readonly quantization: string;
  readonly contextTokens: number;
  readonly vocabulary: number;
  readonly license: string;
  readonly chatTemplate: string;
  /** How many files the model has; 1 if it is not split. */
  readonly files: number;
}

/** A file that is no GGUF, or one that this reader does not understand. */
export class GgufError extends Error {}

type Scalar = number | bigint | boolean | string;

/** Longer texts are passed over; only a chat template can be long. */
const KEPT_TEXT = 1 << 20;
const MAX_TEXT = 1 << 26;
const MAX_COUNT = 1_000_000n;

// Sizes of the scalar types of a value by their number; strings are 8 and arrays 9.
const SIZES: readonly number[] = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];
const STRING = 8;
const ARRAY = 9;

/**
 * Reads the header of a GGUF file (version 2 or 3, little-endian; github.com/ggml-org/ggml/blob/master/docs/gguf.md) from
 * the pieces of its bytes, and no more of them than it needs. Throws GgufError with what is wrong.
 */
export async function readGguf(pieces: AsyncIterable<Uint8Array>): Promise<GgufHeader> {
  const input = new Input(pieces[Symbol.asyncIterator]());
  try {
    return await read(input);
  } finally {
    await input.close();
  }
}

async function read(input: Input): Promise<GgufHeader> {
  if ((await input.text(4)) !== "GGUF") throw new GgufError("it does not begin with GGUF");
  const version = await input.uint32();
  if (version !== 2 && version !== 3) throw new GgufError(`its GGUF version is ${version}, not 2 or 3`);
  const tensors = await input.count("tensors");
  const entries = await input.count("metadata entries");
  const values = new Map<string, Scalar>();
  const lengths = new Map<string, number>();
  for (let at = 0n; at < entries; at++) {
    const key = await input.string();
    const type = await input.uint32();
    if (type === ARRAY) lengths.set(key, await passArray(input));
    else values.set(key, await scalar(input, type));
  }
  let parameters = 0n;
  for (let at = 0n; at < tensors; at++) parameters += await tensorSize(input);
  return headerOf(version, values, lengths, parameters);
}

function headerOf(
  version: number,
  values: ReadonlyMap<string, Scalar>,
  lengths: ReadonlyMap<string, number>,
  parameters: bigint,
): GgufHeader {
  const text = (key: string): string => {
    const value = values.get(key);
    return typeof value === "string" ? value : "";
  };
  const number = (key: string): number => {
    const value = values.get(key);
    return typeof value === "number" || typeof value === "bigint" ? Number(value) : 0;
  };
  const architecture = text("general.architecture");
  const fileType = values.get("general.file_type");
  return {
    version,
    architecture,
    tokenizer: text("tokenizer.ggml.model"),
    parameters,
    quantization: fileType === undefined ? "" : (FILE_TYPES[Number(fileType)] ?? `type ${fileType}`),
    contextTokens: number(`${architecture}.context_length`),
    vocabulary: lengths.get("tokenizer.ggml.tokens") ?? number(`${architecture}.vocab_size`),
    license: text("general.license"),
    chatTemplate: text("tokenizer.chat_template"),
    files: Math.max(1, number("split.count")),
  };
}

// The numbers of llama.cpp's `general.file_type` (enum llama_ftype).
const FILE_TYPES: Readonly<Record<number, string>> = {
  0: "F32",
  1: "F16",
  2: "Q4_0",
  3: "Q4_1",
  7: "Q8_0",
  8: "Q5_0",
  9: "Q5_1",
  10: "Q2_K",
  11: "Q3_K_S",
  12: "Q3_K_M",
  13: "Q3_K_L",
  14: "Q4_K_S",
  15: "Q4_K_M",
  16: "Q5_K_S",
  17: "Q5_K_M",
  18: "Q6_K",
  19: "IQ2_XXS",
  20: "IQ2_XS",
  21: "Q2_K_S",
  22: "IQ3_XS",
  23: "IQ3_XXS",
  24: "IQ1_S",
  25: "IQ4_NL",
  26: "IQ3_S",
  27: "IQ3_M",
  28: "IQ2_S",
  29: "IQ2_M",
  30: "IQ4_XS",
  31: "IQ1_M",
  32: "BF16",
};

async function scalar(input: Input, type: number): Promise<Scalar> {
  if (type === STRING) return input.string();
  const size = SIZES[type];
  if (size === undefined || size === 0) throw new GgufError(`it has a value of the unknown type ${type}`);
  const view = await input.view(size);
  switch (type) {
    case 0:
      return view.getUint8(0);
    case 1:
      return view.getInt8(0);
    case 2:
      return view.getUint16(0, true);
    case 3:
      return view.getInt16(0, true);
    case 4:
      return view.getUint32(0, true);
    case 5:
      return view.getInt32(0, true);
    case 6:
      return view.getFloat32(0, true);
    case 7:
      return view.getUint8(0) !== 0;
    case 10:
      return view.getBigUint64(0, true);
    case 11:
      return view.getBigInt64(0, true);
    default:
      return view.getFloat64(0, true);
  }
}

/** Passes over an array and gives its length. */
async function passArray(input: Input): Promise<number> {
  const type = await input.uint32();
  const length = await input.uint64();
  if (length > MAX_COUNT * 100n) throw new GgufError(`it has an array of ${length} values`);
  if (type === STRING) {
    for (let at = 0n; at < length; at++) await input.pass(await input.textLength());
    return Number(length);
  }
  const size = SIZES[type];
  if (size === undefined || size === 0) throw new GgufError(`it has an array of the unknown type ${type}`);
  await input.pass(size * Number(length));
  return Number(length);
}

/** Passes over the description of a tensor and gives how many numbers it holds. */
async function tensorSize(input: Input): Promise<bigint> {
  await input.string();
  const dimensions = await input.uint32();
  if (dimensions > 8) throw new GgufError(`it has a tensor of ${dimensions} dimensions`);
  let numbers = 1n;
  for (let at = 0; at < dimensions; at++) numbers *= await input.uint64();
  await input.uint32();
  await input.uint64();
  return numbers;
}

/** Bytes of pieces, taken in order. */
class Input {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #piece = new Uint8Array();
  #at = 0;

  constructor(pieces: AsyncIterator<Uint8Array>) {
    this.#pieces = pieces;
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async view(size: number): Promise<DataView> {
    const bytes = await this.#take(size);
    return new DataView(bytes.buffer, bytes.byteOffset, size);
  }

  async uint32(): Promise<number> {
    return (await this.view(4)).getUint32(0, true);
  }

  async uint64(): Promise<bigint> {
    return (await this.view(8)).getBigUint64(0, true);
  }

  async count(what: string): Promise<bigint> {
    const count = await this.uint64();
    if (count > MAX_COUNT) throw new GgufError(`it claims to have ${count} ${what}`);
    return count;
  }

  async textLength(): Promise<number> {
    const length = await this.uint64();
    if (length > MAX_TEXT) throw new GgufError(`it has a text of ${length} bytes`);
    return Number(length);
  }

  async string(): Promise<string> {
    const length = await this.textLength();
    if (length <= KEPT_TEXT) return this.text(length);
    await this.pass(length);
    return "";
  }

  async text(size: number): Promise<string> {
    return new TextDecoder().decode(await this.#take(size));
  }

  async pass(size: number): Promise<void> {
    let left = size;
    while (left > this.#piece.length - this.#at) {
      left -= this.#piece.length - this.#at;
      await this.#next();
    }
    this.#at += left;
  }

  async #take(size: number): Promise<Uint8Array> {
    if (size <= this.#piece.length - this.#at) {
      this.#at += size;
      return this.#piece.subarray(this.#at - size, this.#at);
    }
    const whole = new Uint8Array(size);
    let filled = 0;
    for (;;) {
      const part = this.#piece.subarray(this.#at, this.#at + size - filled);
      whole.set(part, filled);
      filled += part.length;
      this.#at += part.length;
      if (filled === size) return whole;
      await this.#next();
    }
  }

  async #next(): Promise<void> {
    const next = await this.#pieces.next();
    if (next.done === true) throw new GgufError("it ends within its header");
    // Decoders and views need bytes that nobody reuses.
    this.#piece = new Uint8Array(next.value);
    this.#at = 0;
  }
}

/** The chat format that a template writes, by its marks; "" if none is known. */
export function chatFormatOf(template: string): string {
  if (template.includes("<|im_start|>")) return "chatml";
  if (template.includes("<|start_header_id|>")) return "llama3";
  if (template.includes("<start_of_turn>")) return "gemma";
  return template.includes("[INST]") ? "mistral" : "";
}
