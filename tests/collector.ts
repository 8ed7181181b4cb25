import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** A span as a collector of OTLP gets it; ids in hex. */
export interface SeenSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** "" for none. */
  readonly parentId: string;
  readonly kind: number;
  readonly events: readonly string[];
  readonly startMs: number;
  readonly endMs: number;
}

/** A collector that keeps what it is sent. */
export interface Collector extends AsyncDisposable {
  /** Its base address. */
  readonly url: string;
  readonly port: number;
  readonly spans: readonly SeenSpan[];
}

/** Takes OTLP over HTTP in protobuf, at /v1/traces; anything else is 404. */
export async function startCollector(): Promise<Collector> {
  const spans: SeenSpan[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const known = request.url === "/v1/traces" && request.headers["content-type"] === PROTOBUF;
      if (known) spans.push(...spansOf(body));
      response.writeHead(known ? 200 : 404, { "content-type": PROTOBUF });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    spans,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const PROTOBUF = "application/x-protobuf";

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
}

/** The fields of a message by number; one that stands several times has several values. */
function fields(bytes: Uint8Array): ReadonlyMap<number, readonly (Uint8Array | bigint)[]> {
  const found = new Map<number, (Uint8Array | bigint)[]>();
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    const values = found.get(number) ?? [];
    found.set(number, values);
    if (type === WireType.LengthDelimited) values.push(reader.bytes());
    else if (type === WireType.Varint) values.push(BigInt(reader.uint64()));
    else if (type === WireType.Bit64) values.push(BigInt(reader.fixed64()));
    else reader.skip(type);
  }
  return found;
}

const messages = (bytes: Uint8Array, number: number): readonly Uint8Array[] =>
  (fields(bytes).get(number) ?? []).filter((value): value is Uint8Array => typeof value !== "bigint");
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("utf8");
const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("hex");

// Numbers of opentelemetry.proto.trace.v1: ResourceSpans in field 1 of a request, and so on down.
function spansOf(request: Uint8Array): readonly SeenSpan[] {
  return messages(request, 1).flatMap((resourceSpans) => {
    const [resource] = messages(resourceSpans, 1);
    const service = resource === undefined ? "" : attribute(messages(resource, 1), "service.name");
    const scopes = messages(resourceSpans, 2);
    return scopes.flatMap((scope) => messages(scope, 2)).map((span) => spanOf(service, span));
  });
}

function spanOf(service: string, span: Uint8Array): SeenSpan {
  const all = fields(span);
  const bytes = (number: number): Uint8Array | undefined => all.get(number)?.[0] as Uint8Array | undefined;
  const number = (at: number): bigint => (all.get(at)?.[0] as bigint | undefined) ?? 0n;
  return {
    service,
    name: text(bytes(5)),
    traceId: hex(bytes(1)),
    spanId: hex(bytes(2)),
    parentId: hex(bytes(4)),
    kind: Number(number(6)),
    startMs: Number(number(7) / 1_000_000n),
    endMs: Number(number(8) / 1_000_000n),
    events: messages(span, 11).map((event) => text(messages(event, 2)[0])),
  };
}

function attribute(attributes: readonly Uint8Array[], wanted: string): string {
  const found = attributes.find((one) => text(messages(one, 1)[0]) === wanted);
  const [value] = found === undefined ? [] : messages(found, 2);
  return value === undefined ? "" : text(messages(value, 1)[0]);
}
