import { TrapSignal } from "#anrf/program/trap.ts";
import { type FunctionValue, Some, type Value } from "#anrf/program/value.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import type { BuiltinTable } from "./function.ts";

/** Options: none is null. */
export const OPTIONS: BuiltinTable = {
  "option.is_some": (option: Some | null) => option !== null,
  "option.unwrap": (option: Some | null) => {
    if (option === null) throw new TrapSignal(TrapCode.NONE, "option.unwrap: there is no value");
    return option.value;
  },
  "option.get_or": (option: Some | null, other: () => Value) => (option === null ? other() : option.value),
  "option.to_list": (option: Some | null) => (option === null ? [] : [option.value]),
  "option.map": (option: Some | null, f: FunctionValue) =>
    option === null ? null : new Some(f(option.value)),
  "option.flat_map": (option: Some | null, f: FunctionValue) => (option === null ? null : f(option.value)),
  "option.or_else": (option: Some | null, other: () => Value) => option ?? other(),
};
