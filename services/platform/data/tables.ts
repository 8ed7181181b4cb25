import type { ColumnType, Generated } from "kysely";

/** A `timestamptz`: a Date when read; written as a Date or left to the column's default. */
export type Time = ColumnType<Date, Date | string | undefined, Date | string>;

/** A `timestamptz` that may be null, with no default. */
export type MaybeTime = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;

/**
 * A `json` document (ProtoJSON), parsed when read. It is written as text, so that a list is not taken for a
 * PostgreSQL array. The column type is `json`, not `jsonb`: that one refuses U+0000 inside strings.
 */
export type Json<T = unknown> = ColumnType<T, string, string>;

/** A `json` document that may be null. */
export type MaybeJson<T = unknown> = ColumnType<T | null, string | null | undefined, string | null>;

/** A column that may be null and may be left out of an insert. */
export type Maybe<T> = ColumnType<T | null, T | null | undefined, T | null>;

/** Who owns rows. */
export interface ClientsTable {
  id: string;
  name: string;
  create_time: Time;
  disable_time: MaybeTime;
}

/** Keys of clients; the id is the second part of the key, its third, the secret, is kept as its SHA-256 only. */
export interface ApiKeysTable {
  id: string;
  client_id: string;
  name: string;
  secret_sha256: Uint8Array;
  scopes: string[];
  tier: string;
  limits: Json;
  create_time: Time;
  expire_time: MaybeTime;
  revoke_time: MaybeTime;
  last_used_time: MaybeTime;
}

/** What a client knows of a module or function; unique among the living by (client_id, module, function). */
export interface ContextsTable {
  id: string;
  client_id: string;
  module: string;
  function: string;
  content: Json;
  etag: string;
  create_time: Time;
  update_time: Time;
  delete_time: MaybeTime;
}

/** One analysed intent; its id is the analysis id. */
export interface IntentsTable {
  id: string;
  client_id: string;
  context_id: Maybe<string>;
  input_text: string;
  language_tag: string;
  structured: Json;
  constraints: Json;
  create_time: Time;
}

/** A named program of a client; `next_version` is the number that the next version takes. */
export interface AnrfsTable {
  id: string;
  client_id: string;
  visibility: Generated<string>;
  next_version: Generated<number>;
  create_time: Time;
  delete_time: MaybeTime;
}

/** One immutable version of a program. `search` is computed from name and summary. */
export interface AnrfVersionsTable {
  anrf_id: string;
  version: number;
  client_id: string;
  digest: string;
  object_key: string;
  size: number;
  /** Of the whole file: the digest covers its module alone. */
  file_sha256: Uint8Array;
  min_reader_minor: number;
  parent_version: Maybe<number>;
  generation_id: Maybe<string>;
  name: string;
  summary: string;
  tags: string[];
  signature: string;
  signature_key: string;
  node_count: number;
  builtins: string[];
  create_time: Time;
}

/** A name that points at one version of a program. */
export interface AnrfAliasesTable {
  anrf_id: string;
  alias: string;
  client_id: string;
  version: number;
  etag: string;
  update_time: Time;
}

/** One run of the generator. `lease_time` is when its owner must have renewed; `cancel_time` asks it to stop. */
export interface GenerationsTable {
  id: string;
  client_id: string;
  key_id: Maybe<string>;
  intent_id: Maybe<string>;
  anrf_id: Maybe<string>;
  version: Maybe<number>;
  state: string;
  outcome: Maybe<string>;
  owner: Maybe<string>;
  lease_time: MaybeTime;
  seed: bigint;
  params: Json;
  model_digests: Generated<string[]>;
  confidence_score: Maybe<number>;
  evidence: MaybeJson;
  usage: MaybeJson;
  error: MaybeJson;
  response: MaybeJson;
  create_time: Time;
  start_time: MaybeTime;
  cancel_time: MaybeTime;
  end_time: MaybeTime;
}

/** A flushed piece of a generation's events, compressed: those from first to last sequence, both included. */
export interface GenerationLogsTable {
  generation_id: string;
  first_sequence: number;
  last_sequence: number;
  client_id: string;
  events: Uint8Array;
  expire_time: Time;
}

/** One verification; `anrf_id` and `version` are null for a module that came inline. */
export interface VerificationsTable {
  id: string;
  client_id: string;
  anrf_id: Maybe<string>;
  version: Maybe<number>;
  digest: string;
  checks: string[];
  effort: string;
  verdict: string;
  results: Json;
  seed: bigint;
  verifier_version: string;
  create_time: Time;
}

/** One run of a program; inputs and output are there only when the caller asked for a record. */
export interface ExecutionsTable {
  id: string;
  client_id: string;
  anrf_id: Maybe<string>;
  version: Maybe<number>;
  digest: string;
  function: string;
  engine: string;
  compiler_version: string;
  outcome: string;
  trap_code: Maybe<string>;
  fuel_used: bigint;
  memory_bytes: Maybe<bigint>;
  depth_used: Maybe<number>;
  duration_ms: number;
  limits: Json;
  inputs_sha256: Uint8Array;
  inputs: MaybeJson;
  output: MaybeJson;
  create_time: Time;
}

/** What somebody said of a program. */
export interface FeedbackTable {
  id: string;
  client_id: string;
  anrf_id: Maybe<string>;
  version: Maybe<number>;
  generation_id: Maybe<string>;
  kind: string;
  score: Maybe<number>;
  comment: string;
  node: Maybe<string>;
  corrected_example: MaybeJson;
  create_time: Time;
}

/** The first answer given under a key; `status` and `response` are null while it is being made. */
export interface IdempotencyTable {
  client_id: string;
  rpc: string;
  idempotency_key: string;
  body_sha256: Uint8Array;
  claim: string;
  lease_time: Time;
  status: Maybe<number>;
  response: Maybe<Uint8Array>;
  expire_time: Time;
}

/** What a key spent of a kind on one UTC day ("2026-01-31"). */
export interface UsageTable {
  client_id: string;
  key_id: string;
  day: string;
  kind: string;
  amount: bigint;
}

/** Business events, in the order of their transactions' inserts. */
export interface OutboxTable {
  id: Generated<bigint>;
  client_id: string;
  type: string;
  data: Json;
  create_time: Time;
}

/** A named model of a client; `next_version` is the number that the next version takes. Readable by all. */
export interface ModelsTable {
  id: string;
  name: string;
  client_id: string;
  description: string;
  next_version: Generated<number>;
  create_time: Time;
}

/** One immutable version of a model; its id rises with time. The manifest is the file, byte for byte. */
export interface ModelVersionsTable {
  id: string;
  model_name: string;
  version: number;
  client_id: string;
  manifest: Uint8Array;
  manifest_sha256: string;
  file_sha256s: string[];
  format: string;
  license: string;
  notation: string;
  size: bigint;
  signature: Maybe<Uint8Array>;
  report: MaybeJson;
  create_time: Time;
  delete_time: MaybeTime;
}

/** A name that points at one version of a model. */
export interface ModelAliasesTable {
  model_name: string;
  alias: string;
  client_id: string;
  version: number;
  etag: string;
  update_time: Time;
}

/** A file that is being uploaded: the lengths of its pieces in order, and their sum. */
export interface ModelUploadsTable {
  id: string;
  client_id: string;
  sha256: string;
  size: bigint;
  reached: Generated<bigint>;
  lengths: Generated<number[]>;
  create_time: Time;
}

/** Every table of the metadata database, by name. One service writes each (all append to the last three). */
export interface Tables {
  clients: ClientsTable;
  api_keys: ApiKeysTable;
  contexts: ContextsTable;
  intents: IntentsTable;
  anrfs: AnrfsTable;
  anrf_versions: AnrfVersionsTable;
  anrf_aliases: AnrfAliasesTable;
  generations: GenerationsTable;
  generation_logs: GenerationLogsTable;
  verifications: VerificationsTable;
  executions: ExecutionsTable;
  feedback: FeedbackTable;
  models: ModelsTable;
  model_versions: ModelVersionsTable;
  model_aliases: ModelAliasesTable;
  model_uploads: ModelUploadsTable;
  idempotency: IdempotencyTable;
  usage: UsageTable;
  outbox: OutboxTable;
}
