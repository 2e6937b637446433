import type { DesiredTarget } from "./static-targets.ts";

export type AskedEncoding = "gzip" | "identity";

/**
 * What a target is asked for: what its input says, and for `auto` identity where the way to it does not leave this node. There bytes
 * cost next to nothing to move, so compressing them costs both sides time. `onNode` tells by the host as a parsed URL has it.
 */
export function askedEncoding(
  { address, input }: Pick<DesiredTarget, "address" | "input">,
  onNode: (hostname: string) => boolean,
): AskedEncoding {
  if (input.encoding !== "auto") {
    return input.encoding;
  }
  if (address.kind === "file" || input.udsPath !== undefined) {
    return "identity";
  }
  return onNode(address.hostname) ? "identity" : "gzip";
}
