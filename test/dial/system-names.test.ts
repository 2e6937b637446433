import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SystemNames } from "../../src/dial/system-names.ts";
import { ManualClock } from "../manual-clock.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";

test("addresses, localhost and names of the hosts file need no name server", async () => {
  const directory = scratchDirectory("names");
  const clock = new ManualClock();
  const names = new SystemNames(directory, clock);
  const addressesOf = async (host: string) => {
    const answer = await names.lookup(host);
    return answer.kind === "addresses" ? answer.addresses : answer.code;
  };
  writeFileSync(join(directory, "hosts"), "10.0.0.1 db.test\n");
  expect(await addressesOf("10.1.1.1")).toEqual(["10.1.1.1"]);
  expect(await addressesOf("web.localhost")).toEqual(["127.0.0.1", "::1"]);
  expect(await addressesOf("DB.test.")).toEqual(["10.0.0.1"]);
  writeFileSync(join(directory, "hosts"), "10.0.0.2 db.test\nfd00::2 db.test\n");
  clock.advance(1000);
  expect(await addressesOf("db.test")).toEqual(["10.0.0.2", "fd00::2"]);
});
