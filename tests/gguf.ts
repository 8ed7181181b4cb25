/** What a model file of random weights is made of; the defaults make a file of some 300 KB. */
export interface TinyModel {
  /** Tokens of the vocabulary, 512 at least: three special ones, 256 bytes, the printable characters, made-up words. */
  readonly vocabulary?: number;
  readonly layers?: number;
  readonly embedding?: number;
  readonly heads?: number;
  readonly keyValueHeads?: number;
  readonly feedForward?: number;
  readonly contextTokens?: number;
  readonly seed?: number;
  /** Written into the file as `tokenizer.chat_template`. */
  readonly chatTemplate?: string;
  /** Written into the file as `general.license`. */
  readonly license?: string;
}

/** What llama.cpp calls the kinds of tokens. */
const TOKEN = { normal: 1, unknown: 2, control: 3, byte: 6 } as const;
/** Types of metadata values in GGUF version 3. */
const TYPE = { uint16: 2, uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;
const F32 = 0;
const F16 = 1;
const ALIGNMENT = 32;

type Value =
  | { readonly type: "uint16" | "int32" | "uint32" | "float32"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "floats" | "ints"; readonly value: readonly number[] };

interface Tensor {
  readonly name: string;
  /** Fastest first. */
  readonly shape: readonly number[];
  readonly type: typeof F32 | typeof F16;
  readonly data: Uint8Array;
}

/**
 * A whole GGUF file of version 3: a llama of seeded random weights with a SentencePiece vocabulary. The same settings
 * give the same bytes. What it says makes no sense, but it says the same thing each time.
 */
export function tinyModel(settings: TinyModel = {}): Uint8Array {
  const { metadata, tensors } = contentOf(settings);
  return writeGguf(metadata, tensors);
}

/** The same model in two files, as llama.cpp splits large ones: the second holds tensors alone. */
export function tinyModelParts(settings: TinyModel = {}): Readonly<Record<string, Uint8Array>> {
  const { metadata, tensors } = contentOf(settings);
  const split = (no: number): Record<string, Value> => ({
    "split.no": { type: "uint16", value: no },
    "split.count": { type: "uint16", value: 2 },
    "split.tensors.count": { type: "int32", value: tensors.length },
  });
  const half = Math.floor(tensors.length / 2);
  return {
    "tiny-00001-of-00002.gguf": writeGguf({ ...metadata, ...split(0) }, tensors.slice(0, half)),
    "tiny-00002-of-00002.gguf": writeGguf(split(1), tensors.slice(half)),
  };
}

function contentOf(settings: TinyModel): {
  readonly metadata: Readonly<Record<string, Value>>;
  readonly tensors: readonly Tensor[];
} {
  const {
    vocabulary = 512,
    layers = 2,
    embedding = 64,
    heads = 4,
    keyValueHeads = 2,
    feedForward = 128,
    contextTokens = 2_048,
    seed = 1,
  } = settings;
  if (vocabulary < 512) throw new Error(`cannot make a vocabulary of ${vocabulary} tokens: 512 at least`);
  const chance = uniform(seed);
  const words = vocabularyOf(vocabulary, chance);
  const metadata: Record<string, Value> = {
    "general.architecture": { type: "string", value: "llama" },
    "general.name": { type: "string", value: `tiny-${vocabulary}` },
    "general.alignment": { type: "uint32", value: ALIGNMENT },
    "general.file_type": { type: "uint32", value: 1 },
    "llama.context_length": { type: "uint32", value: contextTokens },
    "llama.embedding_length": { type: "uint32", value: embedding },
    "llama.block_count": { type: "uint32", value: layers },
    "llama.feed_forward_length": { type: "uint32", value: feedForward },
    "llama.attention.head_count": { type: "uint32", value: heads },
    "llama.attention.head_count_kv": { type: "uint32", value: keyValueHeads },
    "llama.attention.layer_norm_rms_epsilon": { type: "float32", value: 1e-5 },
    "llama.rope.dimension_count": { type: "uint32", value: embedding / heads },
    "llama.vocab_size": { type: "uint32", value: vocabulary },
    "tokenizer.ggml.model": { type: "string", value: "llama" },
    "tokenizer.ggml.tokens": { type: "strings", value: words.map((word) => word.text) },
    "tokenizer.ggml.scores": { type: "floats", value: words.map((word) => word.score) },
    "tokenizer.ggml.token_type": { type: "ints", value: words.map((word) => word.kind) },
    "tokenizer.ggml.unknown_token_id": { type: "uint32", value: 0 },
    "tokenizer.ggml.bos_token_id": { type: "uint32", value: 1 },
    "tokenizer.ggml.eos_token_id": { type: "uint32", value: 2 },
    "tokenizer.ggml.add_bos_token": { type: "bool", value: true },
  };
  if (settings.license !== undefined)
    metadata["general.license"] = { type: "string", value: settings.license };
  if (settings.chatTemplate !== undefined) {
    metadata["tokenizer.chat_template"] = { type: "string", value: settings.chatTemplate };
  }
  const narrow = (embedding / heads) * keyValueHeads;
  const matrix = (name: string, columns: number, rows: number, spread: number): Tensor => ({
    name,
    shape: [columns, rows],
    type: F16,
    data: halves(columns * rows, () => (chance() * 2 - 1) * spread),
  });
  const ones = (name: string): Tensor => ({
    name,
    shape: [embedding],
    type: F32,
    data: new Uint8Array(Float32Array.from({ length: embedding }, () => 1).buffer),
  });
  const spread = 1.7 / Math.sqrt(embedding);
  const tensors: Tensor[] = [matrix("token_embd.weight", embedding, vocabulary, 1)];
  for (let at = 0; at < layers; at++) {
    tensors.push(
      ones(`blk.${at}.attn_norm.weight`),
      matrix(`blk.${at}.attn_q.weight`, embedding, embedding, spread),
      matrix(`blk.${at}.attn_k.weight`, embedding, narrow, spread),
      matrix(`blk.${at}.attn_v.weight`, embedding, narrow, spread),
      matrix(`blk.${at}.attn_output.weight`, embedding, embedding, spread),
      ones(`blk.${at}.ffn_norm.weight`),
      matrix(`blk.${at}.ffn_gate.weight`, embedding, feedForward, spread),
      matrix(`blk.${at}.ffn_up.weight`, embedding, feedForward, spread),
      matrix(`blk.${at}.ffn_down.weight`, feedForward, embedding, spread),
    );
  }
  // Wide, so that one token stands out: near ties would make answers depend on last bits.
  tensors.push(ones("output_norm.weight"), matrix("output.weight", embedding, vocabulary, 4 * spread));
  return { metadata, tensors };
}

/** Bytes of a GGUF file: header, metadata, places of the tensors, then their data on boundaries of 32 bytes. */
function writeGguf(metadata: Readonly<Record<string, Value>>, tensors: readonly Tensor[]): Uint8Array {
  const head = new Writer();
  head.bytes(new TextEncoder().encode("GGUF"));
  head.uint32(3);
  head.uint64(tensors.length);
  head.uint64(Object.keys(metadata).length);
  for (const [key, value] of Object.entries(metadata)) {
    head.string(key);
    writeValue(head, value);
  }
  let offset = 0;
  for (const tensor of tensors) {
    head.string(tensor.name);
    head.uint32(tensor.shape.length);
    for (const size of tensor.shape) head.uint64(size);
    head.uint32(tensor.type);
    head.uint64(offset);
    offset += aligned(tensor.data.length);
  }
  const start = aligned(head.size);
  const file = new Uint8Array(start + offset);
  file.set(head.written());
  let at = start;
  for (const { data } of tensors) {
    file.set(data, at);
    at += aligned(data.length);
  }
  return file;
}

function writeValue(out: Writer, one: Value): void {
  const list = (type: number, length: number): void => {
    out.uint32(TYPE.array);
    out.uint32(type);
    out.uint64(length);
  };
  switch (one.type) {
    case "uint16":
      out.uint32(TYPE.uint16);
      out.bytes(Uint8Array.of(one.value & 255, one.value >> 8));
      break;
    case "int32":
    case "uint32":
      out.uint32(TYPE[one.type]);
      out.uint32(one.value);
      break;
    case "float32":
      out.uint32(TYPE.float32);
      out.float32(one.value);
      break;
    case "bool":
      out.uint32(TYPE.bool);
      out.bytes(Uint8Array.of(one.value ? 1 : 0));
      break;
    case "string":
      out.uint32(TYPE.string);
      out.string(one.value);
      break;
    case "strings":
      list(TYPE.string, one.value.length);
      for (const text of one.value) out.string(text);
      break;
    case "floats":
      list(TYPE.float32, one.value.length);
      for (const number of one.value) out.float32(number);
      break;
    case "ints":
      list(TYPE.int32, one.value.length);
      for (const number of one.value) out.uint32(number);
      break;
    default:
      throw new Error(`unreachable: ${one satisfies never}`);
  }
}

const aligned = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT;

/** Little-endian pieces in a buffer that grows. */
class Writer {
  #buffer = new Uint8Array(1 << 16);
  #view = new DataView(this.#buffer.buffer);
  #at = 0;

  get size(): number {
    return this.#at;
  }

  written(): Uint8Array {
    return this.#buffer.subarray(0, this.#at);
  }

  bytes(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  uint32(value: number): void {
    this.#room(4);
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  float32(value: number): void {
    this.#room(4);
    this.#view.setFloat32(this.#at, value, true);
    this.#at += 4;
  }

  uint64(value: number): void {
    this.#room(8);
    this.#view.setBigUint64(this.#at, BigInt(value), true);
    this.#at += 8;
  }

  string(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.uint64(bytes.length);
    this.bytes(bytes);
  }

  #room(size: number): void {
    if (this.#at + size <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(this.#buffer.length * 2, this.#at + size));
    larger.set(this.#buffer);
    this.#buffer = larger;
    this.#view = new DataView(larger.buffer);
  }
}

interface Word {
  readonly text: string;
  readonly score: number;
  readonly kind: number;
}

function vocabularyOf(size: number, chance: () => number): readonly Word[] {
  const words: Word[] = [
    { text: "<unk>", score: 0, kind: TOKEN.unknown },
    { text: "<s>", score: 0, kind: TOKEN.control },
    { text: "</s>", score: 0, kind: TOKEN.control },
  ];
  for (let byte = 0; byte < 256; byte++) {
    const name = `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
    words.push({ text: name, score: 0, kind: TOKEN.byte });
  }
  const known = new Set<string>();
  const add = (text: string): void => {
    if (known.has(text)) return;
    known.add(text);
    words.push({ text, score: -known.size, kind: TOKEN.normal });
  };
  // A blank is written as U+2581 in this kind of vocabulary.
  add("\u2581");
  for (let code = 33; code < 127; code++) add(String.fromCharCode(code));
  for (const text of ["ä", "é", "世", "😀", "\n", "\u2581\u2581"]) add(text);
  const letters = "etaoinshrdlucmfwypvbgkqjxz";
  while (words.length < size) {
    const length = 2 + Math.floor(chance() * 4);
    const blank = chance() < 0.4 ? "\u2581" : "";
    add(blank + Array.from({ length }, () => letters[Math.floor(chance() ** 1.6 * 26)] ?? "e").join(""));
  }
  return words;
}

/** Numbers from 0 to 1 by a 32-bit mixer over a counter. */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 0x1_0000_0000;
  };
}

function halves(count: number, next: () => number): Uint8Array {
  const values = new Uint16Array(count);
  for (let at = 0; at < count; at++) values[at] = halfOf(next());
  return new Uint8Array(values.buffer);
}

const ONE = new Float32Array(1);
const BITS = new Uint32Array(ONE.buffer);

/** Bits of a 16-bit float, cut off; what is too small for one is 0. */
function halfOf(value: number): number {
  ONE[0] = value;
  const bits = BITS[0] ?? 0;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  if (exponent <= 0) return 0;
  return ((bits >>> 16) & 0x8000) | (exponent << 10) | ((bits >>> 13) & 0x3ff);
}
