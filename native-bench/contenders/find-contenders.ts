import type { BenchEnvironment } from "../bench-environment.ts";
import type { ContenderName, Found } from "./contender.ts";
import { findPrometheus } from "./prometheus-agent.ts";
import { findPromline } from "./promline-agent.ts";
import { findRoofline } from "./roofline.ts";
import { findVmagent } from "./vmagent.ts";

const FINDERS: Readonly<Record<ContenderName, (environment: BenchEnvironment) => Promise<Found>>> =
  {
    promline: findPromline,
    vmagent: findVmagent,
    prometheus: findPrometheus,
    roofline: findRoofline,
  };

export function findContenders(
  names: readonly ContenderName[],
  environment: BenchEnvironment,
): Promise<Found[]> {
  return Promise.all(names.map((name) => FINDERS[name](environment)));
}
