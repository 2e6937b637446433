import { systemClock } from "../../src/clock.ts";
import { laneDefaults } from "../../src/lanes/lane-settings.ts";
import { ThreadLane } from "../../src/lanes/thread-lane.ts";
import { target } from "./targets.ts";

// Run as a process of its own: after the stop nothing may keep it alive.
const entry = new URL("./fixture-worker.ts", import.meta.url);
const lane = new ThreadLane(laneDefaults, entry, () => undefined, systemClock);
const report = await lane.scrape(target("a", "emit:3:100"), 0, new AbortController().signal);
await lane.stop();
process.stdout.write(`${report.outcome.kind}\n`);
