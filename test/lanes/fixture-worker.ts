import { LaneEnd } from "../../src/lanes/lane-end.ts";
import type { LaneStart } from "../../src/lanes/messages.ts";
import { FixtureScraper } from "./fixture-scraper.ts";

/** As lane-worker.ts, with a scraper that opens no socket. */
export function runLane(start: LaneStart): Promise<void> {
  return new LaneEnd(start, new FixtureScraper()).run();
}
