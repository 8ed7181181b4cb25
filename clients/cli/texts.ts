import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { Signature } from "#gen/anrf/api/v1/signature_pb.ts";

/** A time to the second, in UTC; empty if there is none. */
export function dateText(time: Timestamp | undefined): string {
  return time === undefined ? "" : `${timestampDate(time).toISOString().slice(0, 19).replace("T", " ")}Z`;
}

/** Such as (xs: list<int>) -> int. */
export function signatureText(signature: Signature | undefined): string {
  if (signature === undefined) return "";
  return `(${signature.params.map((param) => `${param.name}: ${param.type}`).join(", ")}) -> ${signature.returns}`;
}

/** Name of a value of a generated enum, in lower case. */
export function enumText(values: Readonly<Record<string, number>>, value: number): string {
  const name = Object.entries(values).find(([, one]) => one === value)?.[0] ?? String(value);
  return name.toLowerCase();
}
