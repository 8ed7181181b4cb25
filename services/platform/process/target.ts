import type { DescService } from "@bufbuild/protobuf";
import type { Database } from "../data/database.ts";
import type { Tasks } from "../data/jobs.ts";
import type { ObjectStore } from "../data/objects.ts";
import type { Client, Served } from "../rpc/handlers.ts";
import type { Env } from "./env.ts";
import type { Logger } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { Tracer } from "./tracer.ts";

/** One part of the platform: it starts in a process, alone or beside others, and does not know which. */
export interface Target {
  readonly name: string;
  /** Reads its configuration, makes what it needs, and says what it serves. */
  start(host: Host): Promise<Started>;
}

/** A target that runs. Disposing it releases what it owns, in reverse order. */
export interface Started extends AsyncDisposable {
  readonly serves: readonly Served[];
  /** Opens a port of its own; called when every target of the process has started. */
  readonly open?: () => Promise<void>;
  /** Web alone: its pages. */
  readonly pages?: (request: Request) => Promise<Response>;
  /** What it needs, and whether that answers; for /readyz. */
  ready(): Promise<readonly Readiness[]>;
}

/** One thing that a target needs. */
export interface Readiness {
  readonly name: string;
  readonly ok: boolean;
  /** What is wrong, for people; "" if nothing is. */
  readonly details: string;
}

/** All that a target knows of its process. */
export interface Host {
  /** What configuration is read from. */
  readonly env: Env;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Undefined: nobody collects traces. A gateway tells it of each request; calls of services are told already. */
  readonly tracer?: Tracer | undefined;
  /** Fires when the process begins to stop: take on nothing new, finish what runs. */
  readonly shutdown: AbortSignal;
  /** Seconds of an RPC by its path, such as "/anrf.view.v1.ViewService/View": what a gateway gives a call. */
  seconds(path: string): Seconds | undefined;
  /** A service by its contract: in process if it runs here, else over gRPC. Calls outside the call graph are refused. */
  client<S extends DescService>(service: S): Client<S>;
  /** Web's pages, if it runs here; else NOT_FOUND's answer. */
  pages(request: Request): Promise<Response>;
  /** One pool a process: embedded PostgreSQL, or yours; its schema is up to date. */
  database(): Promise<Database>;
  /** A folder, or S3. */
  objects(): Promise<ObjectStore>;
  /** Background work; one runner a process starts when all targets have. */
  jobs(tasks: Tasks): void;
}

/** Seconds that an RPC may take: what it gets without a deadline, and the most that it can ask for. */
export interface Seconds {
  readonly default: number;
  readonly cap: number;
}

/** What the platform knows of a service beyond its contract. */
export interface ServicePlan {
  readonly service: DescService;
  /** By local name of the RPC. */
  readonly deadlines: Readonly<Record<string, Seconds>>;
  /** Largest message in bytes, either way; 8 MiB by default. */
  readonly messageBytes?: number;
}

/** What the platform knows of a target. */
export interface TargetPlan {
  readonly name: string;
  /** Where it listens when it has a process of its own. */
  readonly port: number;
  readonly services: readonly ServicePlan[];
  /** Targets that it may call. */
  readonly callees: readonly string[];
  /** It serves pages over plain HTTP on its port. */
  readonly pages?: boolean;
  /** A gateway speaks for clients: scopes are enforced on what it brings. */
  readonly gateway?: boolean;
}

/** All targets. */
export type Topology = readonly TargetPlan[];
