import { type GatewayOptions, type Gateways, startGateways } from "../gateways.ts";
import { artifactOf } from "../programs.ts";
import { type Json, objectAt, type Rest, restClient } from "../rest.ts";
import type { Gateway } from "./ways.ts";

/** A client and what belongs to it. */
export interface Owner {
  readonly key: string;
  readonly clientId: string;
  readonly keyId: string;
  readonly rest: Rest;
}

/** Both gateways with clients that have one of everything. */
export interface World extends AsyncDisposable {
  readonly gateways: Gateways;
  /** Its rows stay as they are, so that what it reads is the same at any time. */
  readonly reader: Owner;
  /** Whatever makes or changes rows. */
  readonly writer: Owner;
  readonly ids: Readonly<Record<IdName, string>>;
  url(gateway: Gateway): string;
}

const ID_NAMES = [
  "anrfId",
  "executionId",
  "verificationId",
  "analysisId",
  "generationId",
  "contextId",
  "feedbackId",
  "writerAnrfId",
  "writerAnalysisId",
] as const;
type IdName = (typeof ID_NAMES)[number];

/** All scopes but ADMIN, which the first key has. */
export const SCOPES = [
  "ANALYZE",
  "GENERATE",
  "VIEW",
  "VERIFY",
  "EXECUTE",
  "REGISTRY",
  "MODELS",
  "FEEDBACK",
] as const;

/** A model that another server runs: a manifest without files. */
export const REMOTE_MODEL = Buffer.from(
  JSON.stringify({ format: "remote", card: { remoteName: "some-model", notation: "python" } }),
).toString("base64");

/** What is analysed and generated: found among the first programs. */
export const INTENT = {
  inputText: "Return n doubled.",
  signature: { params: [{ name: "n", type: "int" }], returns: "int" },
  examples: [1, 7, -3].map((n) => ({ inputs: { n }, output: 2 * n })),
};
/** Bounds by which a generation ends at the same place each time. */
export const BOUND = { seed: "7", pace: 4096, budget: { programs: 20_000 } };

/** The program of the reader. */
export const PROGRAM = "fn twice(x: int) -> int { x + x }";

/** Starts both gateways and makes the two clients. */
export async function makeWorld(options: GatewayOptions = {}): Promise<World> {
  // What fails before the end leaves no gateway running.
  await using started = new AsyncDisposableStack();
  const gateways = started.use(await startGateways(options));
  const admin = restClient(gateways.urls.edge, gateways.key);
  const [reader, writer] = [
    await newOwner(gateways, admin, "reader"),
    await newOwner(gateways, admin, "writer"),
  ];
  const ids = await makeRows(reader, writer);
  const held = started.move();
  return {
    gateways,
    reader,
    writer,
    ids,
    url: (gateway) => {
      const url = gateways.urls[gateway];
      if (url === undefined) throw new Error(gateways.missing);
      return url;
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Makes a key; by default of a new client, with the scopes above, and no rate. */
export async function newOwner(
  gateways: Gateways,
  admin: Rest,
  name: string,
  wish: Json = {},
): Promise<Owner> {
  const { body } = await admin.post("/v1/keys", {
    name,
    newClient: name,
    scopes: SCOPES,
    tier: "UNLIMITED",
    ...wish,
  });
  const key = String(body["key"]);
  const { clientId, keyId } = objectAt(body, "apiKey");
  return { key, clientId: String(clientId), keyId: String(keyId), rest: restClient(gateways.urls.edge, key) };
}

/** Posts, and fails where that is refused. */
export async function made(rest: Rest, path: string, body: Json): Promise<Json> {
  const answer = await rest.post(path, body);
  if (answer.status !== 200)
    throw new Error(`${path} was answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** A .anrf file as JSON shows bytes. */
export function fileOf(text: string): string {
  return Buffer.from(artifactOf(text)).toString("base64");
}

async function makeRows(reader: Owner, writer: Owner): Promise<Readonly<Record<IdName, string>>> {
  const { rest } = reader;
  const { anrfId } = await made(rest, "/v1/anrfs", { artifact: fileOf(PROGRAM) });
  await made(rest, `/v1/anrfs/${anrfId}/aliases`, { alias: "stable", version: 1 });
  const { executionId } = await made(rest, `/execute/${anrfId}`, { inputs: { x: 4 }, recordIo: true });
  const { verificationId } = await made(rest, `/verify/${anrfId}`, { checks: ["structure"] });
  const { analysisId } = await made(rest, "/intent/analyze", INTENT);
  const { generationId } = await made(rest, "/generate", { analysisId, ...BOUND });
  const { context } = await made(rest, "/v1/contexts", { module: "billing", content: { doc: "prices" } });
  const said = { anrfId, version: 1, kind: "SCORE", score: 0.5, comment: 'half "good" – 50 %' };
  const { feedback } = await made(rest, "/v1/feedback", said);
  for (const [name, owner] of [
    ["reader-model", reader],
    ["writer-model", writer],
  ] as const)
    await made(owner.rest, "/v1/models:import", { name, manifest: REMOTE_MODEL });
  const own = await made(writer.rest, "/v1/anrfs", { artifact: fileOf(PROGRAM) });
  const analyzed = await made(writer.rest, "/intent/analyze", INTENT);
  const ids = {
    anrfId,
    executionId,
    verificationId,
    analysisId,
    generationId,
    contextId: objectAt({ context }, "context")["contextId"],
    feedbackId: objectAt({ feedback }, "feedback")["feedbackId"],
    writerAnrfId: own["anrfId"],
    writerAnalysisId: analyzed["analysisId"],
  };
  return Object.fromEntries(ID_NAMES.map((name) => [name, String(ids[name])])) as Record<IdName, string>;
}
