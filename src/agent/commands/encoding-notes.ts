import { systemClock } from "../../clock.ts";
import type { LocatedInput } from "../../config/input/prom-input.ts";
import { askedEncoding } from "../../discovery/asked-encoding.ts";
import { NodeAddresses } from "../../discovery/node-addresses.ts";
import { staticTargets } from "../../discovery/static-targets.ts";
import { redactUrl } from "../../redact.ts";

/**
 * A line for each URL of an input whose encoding is `auto`: what it comes to here. A running agent knows the addresses of the node's
 * pods besides those of this machine.
 */
export function encodingNotes(): (located: LocatedInput) => readonly string[] {
  const node = new NodeAddresses({ clock: systemClock, changed: () => undefined });
  return (located) =>
    located.input.encoding === "auto"
      ? staticTargets([located]).targets.flatMap((target) =>
          target.address.kind === "http"
            ? [
                `asks ${redactUrl(target.address.url)} for ${askedEncoding(target, (host) => node.has(host))}`,
              ]
            : [],
        )
      : [];
}
