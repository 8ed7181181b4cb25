import type { DescService } from "@bufbuild/protobuf";
import {
  type CallOptions,
  type Client,
  createClient,
  type Interceptor,
  type Transport,
} from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import type { Io } from "./io.ts";
import type { Input } from "./parse.ts";
import { readSettings, type Settings } from "./settings.ts";

/** Calls to one platform as one client. */
export interface Platform {
  readonly settings: Settings;
  /** A service by its contract. Errors arrive as ConnectError. */
  client<S extends DescService>(service: S): Client<S>;
  /** Deadline and signal of a call. */
  options(signal?: AbortSignal): CallOptions;
}

/** The platform that flags, variables and profiles name. */
export async function connect(input: Input, io: Io): Promise<Platform> {
  const settings = await readSettings(input.flags, io.env);
  return platformAt(settings, input.flags.has("verbose") ? (text) => io.err(`${text}\n`) : undefined);
}

/** A platform by its settings; `tell` hears of each call. */
export function platformAt(settings: Settings, tell?: (text: string) => void): Platform {
  const transport = transportOf(settings, tell);
  return {
    settings,
    client: (service) => createClient(service, transport),
    options: (signal) => ({
      ...(settings.timeoutMs === undefined ? {} : { timeoutMs: settings.timeoutMs }),
      ...(signal === undefined ? {} : { signal }),
    }),
  };
}

function transportOf(settings: Settings, tell: ((text: string) => void) | undefined): Transport {
  const auth: Interceptor = (next) => (request) => {
    request.header.set("authorization", `Bearer ${settings.key}`);
    tell?.(`anrf: ${settings.protocol} ${request.url}`);
    return next(request);
  };
  const options = { baseUrl: settings.address, interceptors: [auth] };
  switch (settings.protocol) {
    case "grpc":
      return createGrpcTransport(options);
    case "grpc-web":
      return createGrpcWebTransport({ ...options, httpVersion: "1.1" });
    case "connect":
      return createConnectTransport({ ...options, httpVersion: "1.1", useBinaryFormat: true });
  }
}
