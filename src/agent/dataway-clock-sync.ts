import type { Clock } from "../clock.ts";
import type { AgentSettings } from "../config/settings/agent-settings.ts";
import { type ClockObserver, ClockSync } from "../delivery/clock/clock-sync.ts";
import { DatawayClock } from "../delivery/clock/dataway-clock.ts";
import type {
  DatawaySettings,
  DeliverySettings,
  DestinationSettings,
} from "../delivery/delivery-settings.ts";

/** What follows the clock of the DataWays that points go to; undefined where nothing does. */
export function clockSyncOf(
  { datawayClock }: Pick<AgentSettings, "datawayClock">,
  { destinations, hostName }: DeliverySettings,
  clock: Clock,
  observer: ClockObserver,
  renewed: (name: string) => Promise<DestinationSettings | undefined>,
): ClockSync | undefined {
  const dataways = destinations.filter((one): one is DatawaySettings => one.kind === "dataway");
  if (!datawayClock.enabled || dataways.length === 0) {
    return undefined;
  }
  const sources = dataways.map(
    (settings) =>
      new DatawayClock({
        settings,
        hostName,
        clock,
        renewed: async () => {
          const now = await renewed(settings.name);
          return now?.kind === "dataway" ? now : undefined;
        },
      }),
  );
  const { intervalMs, leastOffsetMs } = datawayClock;
  return new ClockSync({ sources, intervalMs, leastOffsetMs, clock, observer });
}
