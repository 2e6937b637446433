import type { DestinationSettings } from "./delivery-settings.ts";

/**
 * What destinations are called on disk, where positions have to outlive a change of the settings: where they are, without
 * credentials, so that a corrected token finds what waits. The second of two that are alike gets a number.
 */
export function destinationIdentities(destinations: readonly DestinationSettings[]): string[] {
  const seen = new Map<string, number>();
  return destinations.map((destination) => {
    const identity = identityOf(destination);
    const count = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, count);
    return count === 1 ? identity : `${identity} #${count}`;
  });
}

function identityOf(destination: DestinationSettings): string {
  switch (destination.kind) {
    case "dataway":
      return `dataway ${new URL(destination.url).origin}`;
    case "influx_v1": {
      const { origin, pathname } = new URL(destination.url);
      return `influx_v1 ${origin}${pathname} ${destination.database} ${destination.retentionPolicy ?? ""}`.trim();
    }
    case "influx_v2": {
      const { origin, pathname } = new URL(destination.url);
      return `influx_v2 ${origin}${pathname} ${destination.org} ${destination.bucket}`;
    }
    case "file":
      return `file ${destination.directory}`;
  }
}
