import { readFileSync, writeFileSync } from "node:fs";
import { it } from "vitest";
import { makeWorld } from "./parity/world.ts";
import { Agent, request } from "node:http";
it("measures", { timeout: 200_000 }, async () => {
  await using w = await makeWorld();
  const pid = w.gateways.envoy?.process.pid ?? 0;
  const cpu = () => { const f = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? []; return (Number(f[11]) + Number(f[12])) * 10; };
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const one = (u: string) => new Promise<void>((res, rej) => { const r = request(`${u}/v1/self`, { agent, headers: { "x-api-key": w.reader.key } }, (a) => { a.resume(); a.on("end", () => res()); }); r.on("error", rej); r.end(); });
  let out = "";
  for (const gw of ["edge", "envoy", "edge", "envoy"] as const) {
    const u = w.url(gw); let left = 3000; const e0 = cpu(), p0 = process.cpuUsage(), t0 = performance.now();
    await Promise.all(Array.from({ length: 16 }, async () => { while (left-- > 0) await one(u); }));
    const p = process.cpuUsage(p0);
    out += `${gw}: envoy ${((cpu() - e0) / 3).toFixed(0)} us/req, node (client + auth + service${gw === "edge" ? " + edge" : ""}) ${((p.user + p.system) / 3000).toFixed(0)} us/req, ${(3000 / (performance.now() - t0) * 1000).toFixed(0)} req/s\n`;
  }
  writeFileSync("/tmp/brief/cpu.txt", out);
});
