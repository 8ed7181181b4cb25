// Makes everything in gen/ from proto/, Envoy's files from the topology, docs/cli.md, docs/diagnostics and docs/language. With --check it changes nothing and fails on a difference.
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { createFileRegistry, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { stringify } from "yaml";
import { bootstrap } from "../envoy/config.ts";
import { envoyDescriptors } from "../envoy/descriptors.ts";
import { DEPLOYED } from "../envoy/settings.ts";
import { envoyYaml } from "../envoy/yaml.ts";
import { PUBLIC_SERVICES } from "../services/edge/public.ts";
import { TOPOLOGY } from "../services/topology.ts";
import { commentsOf } from "./comments.ts";
import { openApi } from "./openapi.ts";
import { printCli } from "./print-cli.ts";
import { printDiagnostics } from "./print-diagnostics.ts";
import { printLanguage } from "./print-language.ts";

const run = promisify(execFile);
const root = dirname(import.meta.dirname);
const bin = join(root, "node_modules", ".bin");
const env = { ...process.env, PATH: `${bin}:${process.env["PATH"] ?? ""}` };

/** Writes one part of gen/ into a folder that stands for the root. */
type Print = (folder: string) => Promise<void>;

const code: Print = async (folder) => {
  await run(join(bin, "buf"), ["generate", "-o", folder], { cwd: root, env });
};

// Without source info, so that a changed comment changes no descriptor.
const image: Print = async (folder) => {
  const flags = ["--as-file-descriptor-set", "--exclude-source-info"];
  await run(join(bin, "buf"), ["build", ...flags, "-o", join(folder, "gen", "anrf.binpb")], {
    cwd: root,
    env,
  });
};

// REST for people: one document in two spellings.
const openapi: Print = async (folder) => {
  const path = join(folder, "with-comments.binpb");
  await run(join(bin, "buf"), ["build", "--as-file-descriptor-set", "-o", path], { cwd: root, env });
  const set = fromBinary(FileDescriptorSetSchema, await readFile(path));
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const open = new Set(PUBLIC_SERVICES.map((service) => service.typeName));
  const services = TOPOLOGY.flatMap(({ services }) => services.map(({ service }) => service.typeName));
  const document = openApi({
    registry: createFileRegistry(set) as FileRegistry,
    comments: commentsOf(set),
    services: services.filter((name) => name.startsWith("anrf.") && open.has(name)),
    version,
  });
  await writeFile(join(folder, "gen", "openapi.json"), `${JSON.stringify(document, null, 1)}\n`);
  await writeFile(join(folder, "gen", "openapi.yaml"), stringify(document, { aliasDuplicateObjects: false }));
};

// The gateway's configuration as it is deployed, and the descriptors that it reads.
const envoy: Print = async (folder) => {
  await mkdir(join(folder, "envoy"));
  const image = await readFile(join(folder, "gen", "anrf.binpb"));
  await writeFile(join(folder, "envoy", "descriptors.binpb"), envoyDescriptors(image));
  await writeFile(join(folder, "envoy", "envoy.yaml"), envoyYaml(bootstrap(DEPLOYED)));
};

const prints: readonly Print[] = [code, image, openapi, envoy, printCli, printDiagnostics, printLanguage];

/** What is printed, by folder: of gen/ everything, elsewhere the files that a print makes. */
const FOLDERS = ["gen", "envoy", "docs"] as const;

/** The files below a folder, by their path in it. */
async function filesOf(folder: string): Promise<Set<string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  return new Set(files.map((file) => join(file.parentPath, file.name).slice(folder.length + 1)));
}

async function sameFile(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([readFile(a), readFile(b).catch(() => undefined)]);
  return right !== undefined && left.equals(right);
}

const folder = await mkdtemp(join(tmpdir(), "anrf-gen-"));
try {
  await mkdir(join(folder, "gen"));
  for (const print of prints) await print(folder);
  const differs: string[] = [];
  for (const name of FOLDERS) differs.push(...(await settle(name, process.argv.includes("--check"))));
  for (const line of differs) console.error(line);
  process.exitCode = differs.length > 0 ? 1 : 0;
} finally {
  await rm(folder, { recursive: true });
}

/** Takes over what was printed, or says in `check` what would change. */
async function settle(name: (typeof FOLDERS)[number], check: boolean): Promise<readonly string[]> {
  const made = join(folder, name);
  const kept = join(root, name);
  const fresh = await filesOf(made);
  const old = name === "gen" ? await filesOf(kept) : fresh;
  const gone = [...old].filter((file) => !fresh.has(file));
  const changed: string[] = [];
  for (const file of fresh) if (!(await sameFile(join(made, file), join(kept, file)))) changed.push(file);
  if (check) return [...changed, ...gone].map((file) => `${name}/${file} differs: run npm run generate`);
  for (const file of changed) await cp(join(made, file), join(kept, file));
  for (const file of gone) await rm(join(kept, file));
  console.log(`${name}/: ${changed.length} written, ${gone.length} removed, ${fresh.size} in all`);
  return [];
}
