import { expect, test } from "vitest";
import { Backlog } from "../../../src/delivery/queue/backlog.ts";
import { FakeDisk } from "../../spool/fake-disk.ts";
import { openSpool, records } from "../../spool/spool-case.ts";

test("what is read from disk is counted in one place at any moment", async () => {
  const spool = await openSpool(new FakeDisk());
  await spool.append(records(3));
  await spool.sync();
  const backlog = new Backlog("metric", (segment) => spool.reader(segment));
  for (const stretch of await spool.attach("a")) {
    backlog.push(stretch);
  }
  let given = 0;
  let isReading = true;
  const total = () => backlog.amount.points + given;
  const all = total();
  const reading = backlog
    .next((found) => {
      given += found.kind === "body" ? found.body.tally.points : 0;
    })
    .finally(() => {
      isReading = false;
    });
  while (isReading) {
    expect(total()).toBe(all);
    await Promise.resolve();
  }
  await reading;
  await backlog.close();
  expect(given).toBe(2);
});
