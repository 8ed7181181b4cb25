// node bench/mesh/gateway-server.ts ROLE, set by the environment: auth or the stand-ins as a process of a mesh, or
// both behind the TypeScript edge in one process.
import { processEnv } from "#platform/process/env.ts";
import { startHost } from "#platform/process/host.ts";
import type { Target } from "#platform/process/target.ts";
import { target as auth } from "../../services/auth/target.ts";
import { target as edge } from "../../services/edge/target.ts";
import { TOPOLOGY } from "../../services/topology.ts";
import { standIns } from "./stand-in.ts";

const ROLES: Readonly<Record<string, () => readonly Target[]>> = {
  auth: () => [auth],
  service: standIns,
  edge: () => [edge, ...standIns(), auth],
};

const role = process.argv[2] ?? "";
const targets = ROLES[role]?.();
if (targets === undefined) throw new Error(`there is no role ${role}`);
const host = await startHost({
  topology: TOPOLOGY,
  targets,
  mesh: role !== "edge",
  env: processEnv(),
  image: new URL("../../gen/anrf.binpb", import.meta.url),
});
const started = host.started("edge");
process.send?.({ port: started !== undefined && "port" in started ? started.port : 0 });
process.on("message", (asked) => {
  if (asked === "cpu") return process.send?.({ cpu: process.cpuUsage() });
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return process.send?.({ held: (heapUsed + external) / 1024 });
});
process.on("disconnect", () => {
  void host[Symbol.asyncDispose]().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
