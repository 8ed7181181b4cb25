import type { Target } from "#platform/process/target.ts";
import type { TargetName } from "./topology.ts";

// Imported when asked for, so that a process loads no more than it runs.
const LOADERS: Readonly<Record<TargetName, () => Promise<{ readonly target: Target }>>> = {
  edge: () => import("./edge/target.ts"),
  generation: () => import("./generation/target.ts"),
  inference: () => import("./inference/target.ts"),
  intent: () => import("./intent/target.ts"),
  view: () => import("./view/target.ts"),
  verification: () => import("./verification/target.ts"),
  execution: () => import("./execution/target.ts"),
  registry: () => import("./registry/target.ts"),
  models: () => import("./models/target.ts"),
  feedback: () => import("./feedback/target.ts"),
  auth: () => import("./auth/target.ts"),
  web: () => import("./web/target.ts"),
};

/** Loads targets by name. */
export async function loadTargets(names: readonly TargetName[]): Promise<readonly Target[]> {
  const modules = await Promise.all(names.map((name) => LOADERS[name]()));
  return modules.map(({ target }) => target);
}
