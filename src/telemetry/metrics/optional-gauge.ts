import Gauge from "prom-client/lib/gauge.js";
import type Registry from "prom-client/lib/registry.js";

/** A gauge that is read when asked for; undefined: it has no value now. */
export function optionalGauge(
  registers: Registry[],
  name: string,
  help: string,
  read: () => number | undefined,
): void {
  new Gauge({
    name,
    help,
    registers,
    collect() {
      const value = read();
      // Not `reset`: without labels that leaves a 0.
      this.remove();
      if (value !== undefined) {
        this.set(value);
      }
    },
  });
}
