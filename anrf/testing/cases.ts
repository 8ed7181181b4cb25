/** What a case has to come to: what is given has to be so, the rest is left open. */
export interface Expectation {
  /** The value, as JSON led by the result type. */
  readonly value?: unknown;
  /** The value as JSON text, byte for byte. */
  readonly json?: string;
  /** The name of a trap. */
  readonly trap?: string;
  /** How many clauses were reported, where contracts are only reported. */
  readonly reports?: number;
  /** The code of the first diagnostic, of the text or of the checker. */
  readonly rule_id?: string;
  /** Why the file is refused. */
  readonly reason?: string;
  /** Where an argument is refused: the path, such as `inputs[1].name`. */
  readonly problem?: string;
  /** The module's digest, `anrf1:<hex>`. */
  readonly digest?: string;
  /** The module's bytes in hex. */
  readonly hex?: string;
  /** ProtoJSON of the module. */
  readonly module?: unknown;
  /** The canonical text, where it differs from the text of the case. */
  readonly text?: string;
}

/** One case. */
export interface Case {
  readonly name: string;
  readonly text?: string;
  /** ProtoJSON of a module. */
  readonly module?: unknown;
  /** ProtoJSON of the header that is said to belong to the module. */
  readonly header?: unknown;
  /** Hex of an .anrf file. */
  readonly artifact_hex?: string;
  /** Arguments as JSON, by position. */
  readonly args?: readonly unknown[];
  /** The same as JSON text, where every digit counts. */
  readonly args_json?: string;
  /** What a clause that is false does; `enforce` without it. */
  readonly contracts?: "enforce" | "report" | "off";
  readonly expect: Expectation;
}

/** A file of `anrf/testdata/cases`. */
export interface CaseFile {
  readonly name: string;
  readonly sections: readonly { readonly name: string; readonly tests: readonly Case[] }[];
}

/** A known failure: the case it names must fail. DIFFERS names a decision record in its note. */
export interface Gap {
  readonly suite: string;
  readonly id: string;
  readonly reason: "UNMAPPED" | "DIFFERS" | "NOT_YET";
  readonly note: string;
}

/** The cases of files with the name that a test report shows. */
export function casesOf(...files: readonly unknown[]): (readonly [string, Case])[] {
  return files.flatMap((file) => {
    const { sections } = file as CaseFile;
    return sections.flatMap((section) =>
      section.tests.map((one) => [`${section.name}: ${one.name}`, one] as const),
    );
  });
}
