import { it } from "vitest";
import { appendFileSync, writeFileSync } from "node:fs";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { startSystem } from "./system.ts";
it("big", async () => {
  writeFileSync("/tmp/big.log", "");
  const system = await startSystem();
  for (const protocol of ["grpc", "grpc-js", "grpc-web", "connect"] as const)
    for (const n of [1, 3, 7, 9]) {
      const wire = system.wire(protocol);
      const t = performance.now();
      const c = process.cpuUsage();
      const a = await wire.unary(RegistryService.method.putAnrf, { artifact: new Uint8Array(n * 1024 * 1024) }).catch((e) => e.message);
      const u = process.cpuUsage(c);
      appendFileSync("/tmp/big.log", `${protocol} ${n} MiB ${Math.round(performance.now() - t)} ms cpu ${Math.round((u.user + u.system) / 1000)} ${String(a)}\n`);
    }
  await system[Symbol.asyncDispose]();
}, 200000);
