/** A builtin that the words speak of. */
export interface Hint {
  /** Its id in the catalogue. */
  readonly builtin: string;
  /** 0 to 1. */
  readonly weight: number;
  /** Hints of one place in the text have one number: they are alternatives. */
  readonly group?: number;
}

/** What a production costs, in bits. */
export interface Weights {
  /** The cost of a call of that builtin. */
  readonly cost: (id: string) => number;
  /** How strongly the words speak of it, 0 to 1. */
  readonly hint: (id: string) => number;
  /** Whether any words speak at all. */
  readonly isLed: boolean;
}

/** The static prior: how many bits a builtin costs where no words speak of it. Those left out cost DEFAULT_COST. */
const PRIOR: Readonly<Record<number, string>> = {
  3: "int.add int.sub list.length list.take list.drop string.concat list.get",
  4: `int.mul int.mod_floor eq lt le min max list.concat list.reverse list.map list.filter list.contains list.sort
    list.sum_int list.slice string.length string.take string.drop string.slice string.split string.to_upper
    string.to_lower string.trim string.before string.after float.add float.sub float.mul float.div map.get map.get_or
    list.first list.last`,
  5: `int.div_floor ne bool.and bool.or bool.not int.neg int.abs int.to_string list.append list.prepend list.count
    list.any list.all list.sort_desc list.distinct list.range list.flatten list.min list.max list.sum_float
    string.join string.chars string.reverse string.capitalize string.take_end string.drop_end string.contains
    string.starts_with string.ends_with string.index_of string.before_last string.after_last
    string.split_whitespace string.is_empty string.replace string.is_digit string.is_alpha string.is_upper
    string.is_lower string.is_space int.to_float list.fold list.is_empty int.parse map.keys map.values
    map.contains_key map.size option.get_or option.unwrap option.is_some`,
  6: `int.pow int.digits int.quot int.rem list.repeat list.insert list.remove_at list.set list.find list.index_of
    list.sort_by list.max_by list.min_by list.take_while list.drop_while list.step list.map_indexed
    list.filter_indexed list.remove list.intersect list.difference list.zip list.product_int string.repeat
    string.count string.filter_chars string.map_chars string.replace_first string.title string.swap_case
    string.is_alnum string.at string.last_index_of list.tally list.group_by map.put map.entries map.merge
    float.round_to float.floor float.ceil float.round_even float.abs float.neg float.sqrt option.map list.at
    list.find_index map.map_values map.filter map.from_entries float.trunc`,
  8: `bool.xor int.shift_left int.shift_right int.bit_and int.bit_or int.bit_xor int.bit_not int.pow_mod
    int.bit_count float.exp float.ln float.is_nan float.is_finite compare list.combinations string.code_points
    string.from_code_points string.lines list.partition`,
};

const DEFAULT_COST = 7;
/** Bits that a builtin costs on top when words speak, but not of it. */
const UNSPOKEN = 2;

/** Builtins that programs need without being told. */
const GLUE: ReadonlySet<string> = new Set([
  "int.add",
  "int.sub",
  "int.mul",
  "eq",
  "lt",
  "le",
  "bool.and",
  "bool.or",
  "bool.not",
  "list.length",
  "list.get",
  "list.map",
  "list.filter",
  "string.concat",
  "string.length",
  "float.add",
  "float.sub",
  "float.mul",
  "int.to_float",
  "map.get",
  "map.get_or",
]);

const COSTS: ReadonlyMap<string, number> = new Map(
  Object.entries(PRIOR).flatMap(([cost, ids]) => ids.split(/\s+/).map((id) => [id, Number(cost)] as const)),
);

/** The weights that hints give over the static prior: a full hint makes a builtin cost 2 bits. */
export function weightsOf(hints: readonly Hint[]): Weights {
  const strength = new Map<string, number>();
  for (const { builtin, weight } of hints) {
    const id = builtin === "gt" ? "lt" : builtin === "ge" ? "le" : builtin;
    strength.set(id, Math.min(1, Math.max(strength.get(id) ?? 0, weight)));
  }
  const isLed = strength.size > 1;
  const hint = (id: string): number => strength.get(id) ?? 0;
  return {
    hint,
    isLed,
    cost: (id) => {
      const prior = COSTS.get(id) ?? DEFAULT_COST;
      const weight = hint(id);
      if (weight === 0) return isLed && !GLUE.has(id) ? prior + UNSPOKEN : prior;
      return Math.max(2, Math.round(prior + (isLed && !GLUE.has(id) ? 1 : 0) - (prior - 1) * weight));
    },
  };
}
