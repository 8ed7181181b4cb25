// What runs in a platform: one process with everything in it, or a process a service behind a real Envoy.
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type FolderLayout, readOrMake } from "#platform/data/folder-layout.ts";
import { secretText } from "#platform/process/ids.ts";
import type { Env } from "#platform/process/env.ts";
import { bootstrap } from "../envoy/config.ts";
import { envoyDescriptors } from "../envoy/descriptors.ts";
import { drainEnvoy, envoyFlags, openRequests } from "../envoy/flags.ts";
import { DEPLOYED, type EnvoySettings } from "../envoy/settings.ts";
import type { Member } from "./fleet.ts";
import { ADDRESS, freeOffset, freePort } from "./ports.ts";
import { type ProcessPlan, PROCESSES, stopWaves, TOPOLOGY } from "./topology.ts";
