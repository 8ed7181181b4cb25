/** Where the bytes of a version stand in the object store. */
export function objectKey(anrfId: string, version: number): string {
  return `anrf/${anrfId}/${version}.anrf`;
}
