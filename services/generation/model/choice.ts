import type { ModelService } from "#gen/anrf/models/v1/models_service_pb.ts";
import type { Call } from "#platform/rpc/call.ts";
import { Code } from "#platform/rpc/codes.ts";
import { asRpcError, invalidField } from "#platform/rpc/error.ts";
import type { Client } from "#platform/rpc/handlers.ts";

/** The model that takes part in a generation. */
export interface ChosenModel {
  /** `name@version`. */
  readonly name: string;
  readonly digest: string;
  /** SHA-256 of its weights, of all their files in order; "" where another server has them. */
  readonly weights: string;
}

/** A model, or why none takes part. */
export type ModelChoice =
  | { readonly model: ChosenModel; readonly off?: undefined }
  | { readonly off: string; readonly model?: undefined };

/** Says that no model is wanted. */
export const NO_MODEL = "none";

/**
 * Which model answers: the one that the request names (`name`, `name@alias` or `name@version`; `none` for none), else the
 * configured one, else the newest that writes Python. One that the request names and that is not there is NOT_FOUND; a
 * registry that does not answer costs the lane, not the generation.
 */
export async function chooseModel(
  asked: string,
  configured: string,
  models: Client<typeof ModelService>,
  call: Call,
): Promise<ModelChoice> {
  if (asked === NO_MODEL || (asked === "" && configured === NO_MODEL)) return { off: "no model is wanted" };
  if (asked !== "") return await resolved(asked, models, call);
  try {
    if (configured !== "") return await resolved(configured, models, call);
    const { models: all } = await models.listModels({ pageSize: 100 }, call);
    const fit = all.find(({ notation, version }) => notation === "python" && version > 0);
    if (fit === undefined) return { off: "no model is registered: anrf model add brings one" };
    return { model: await chosen(fit.name, fit.version, models, call) };
  } catch (error) {
    const failure = asRpcError(error);
    if (failure.code === Code.CANCELLED || failure.code === Code.DEADLINE_EXCEEDED) throw failure;
    return { off: `the model registry does not give a model: ${failure.message}` };
  }
}

async function resolved(text: string, models: Client<typeof ModelService>, call: Call): Promise<ModelChoice> {
  const [name = "", alias = "default", ...more] = text.split("@");
  if (name === "" || alias === "" || more.length > 0)
    throw invalidField(
      "model",
      `is name, name@alias, name@version or ${NO_MODEL}, not ${JSON.stringify(text)}`,
    );
  const { version, notation } = await models.resolveAlias({ name, alias }, call);
  if (notation !== "python") {
    const wrong = `${name}@${version} does not write Python, which is what this release reads from a model`;
    throw invalidField("model", wrong);
  }
  return { model: await chosen(name, version, models, call) };
}

async function chosen(
  name: string,
  version: number,
  models: Client<typeof ModelService>,
  call: Call,
): Promise<ChosenModel> {
  const { version: found } = await models.getVersion({ name, version }, call);
  const files = found?.manifest?.files ?? [];
  const weights = files.map(({ sha256 }) => sha256).join(" ");
  return { name: `${name}@${version}`, digest: found?.digest ?? "", weights };
}
