/** A name for a file from the workspace's own: letters and digits of any script stay, the rest becomes one
 * hyphen. */
export function fileStem(name: string): string {
  const stem = name
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
  return stem === "" ? "workspace" : stem;
}
