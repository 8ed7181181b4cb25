/** What a case has to come to. Exactly one of value, trap and rule_id is given, or a digest, with or without a text. */
export interface Expectation {
  /** The value, as JSON led by the result type. */
  readonly value?: unknown;
  /** The name of a trap. */
  readonly trap?: string;
  /** The code of the first diagnostic. */
  readonly rule_id?: string;
  /** The module's digest, `anrf1:<hex>`. */
  readonly digest?: string;
  /** The canonical text, where it differs from the text of the case. */
  readonly text?: string;
}

/** One case. */
export interface Case {
  readonly name: string;
  readonly text?: string;
  /** ProtoJSON of a module. */
  readonly module?: unknown;
  /** Hex of an .anrf file. */
  readonly artifact_hex?: string;
  /** Arguments as JSON, by position. */
  readonly args?: readonly unknown[];
  readonly expect: Expectation;
}

/** A file of `anrf/testdata/cases`. */
export interface CaseFile {
  readonly name: string;
  readonly sections: readonly { readonly name: string; readonly tests: readonly Case[] }[];
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
