import { RemoteNames } from "../dial/names-port.ts";
import { TargetPages } from "../scrape/page-reader.ts";
import { Scraper } from "../scrape/scraper.ts";
import { LaneEnd } from "./lane-end.ts";
import type { LaneStart } from "./messages.ts";

/** What a lane's thread runs, as its only task. */
export function runLane(start: LaneStart): Promise<void> {
  const pages = new TargetPages(new RemoteNames(start.names));
  return new LaneEnd(start, new Scraper(pages, start.replayBytes)).run();
}
