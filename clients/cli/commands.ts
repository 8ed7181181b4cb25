import type { Command } from "./command.ts";

// Imported when asked for, so that `help` loads no transport.
const LOADERS: Readonly<Record<string, () => Promise<{ readonly run: Command }>>> = {
  generate: () => import("./commands/generate.ts"),
  analyze: () => import("./commands/analyze.ts"),
  view: () => import("./commands/view.ts"),
  diff: () => import("./commands/diff.ts"),
  verify: () => import("./commands/verify.ts"),
  run: () => import("./commands/run.ts"),
  fmt: () => import("./commands/fmt.ts"),
  explain: () => import("./commands/explain.ts"),
  import: () => import("./commands/import.ts"),
  list: () => import("./commands/list.ts"),
  show: () => import("./commands/show.ts"),
  get: () => import("./commands/get.ts"),
  put: () => import("./commands/put.ts"),
  "keys create": () => import("./commands/keys-create.ts"),
  "keys list": () => import("./commands/keys-list.ts"),
  "keys revoke": () => import("./commands/keys-revoke.ts"),
  "context create": () => import("./commands/context-create.ts"),
  "context list": () => import("./commands/context-list.ts"),
  "context show": () => import("./commands/context-show.ts"),
  "context update": () => import("./commands/context-update.ts"),
  "context delete": () => import("./commands/context-delete.ts"),
  "feedback create": () => import("./commands/feedback-create.ts"),
  "feedback list": () => import("./commands/feedback-list.ts"),
  "model import": () => import("./commands/model-import.ts"),
  "model add": () => import("./commands/model-add.ts"),
  "model list": () => import("./commands/model-list.ts"),
  "model show": () => import("./commands/model-show.ts"),
  "model alias": () => import("./commands/model-alias.ts"),
  "model keygen": () => import("./commands/model-keygen.ts"),
  "model sign": () => import("./commands/model-sign.ts"),
  "model verify": () => import("./commands/model-verify.ts"),
  "model remove": () => import("./commands/model-remove.ts"),
  demo: () => import("./commands/demo.ts"),
  up: () => import("./commands/up.ts"),
  down: () => import("./commands/down.ts"),
  status: () => import("./commands/status.ts"),
  logs: () => import("./commands/logs.ts"),
  doctor: () => import("./commands/doctor.ts"),
  reset: () => import("./commands/reset.ts"),
  test: () => import("./commands/project.ts"),
  check: () => import("./commands/check.ts"),
  bench: () => import("./commands/project.ts"),
  help: () => import("./commands/help.ts"),
};

/** Loads the command of a verb. */
export async function loadCommand(name: string): Promise<Command> {
  const load = LOADERS[name];
  if (load === undefined) throw new Error(`the verb ${name} has no command`);
  return (await load()).run;
}
