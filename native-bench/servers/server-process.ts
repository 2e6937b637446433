// Runs a server of the benchmark in a process of its own, so that its CPU is not counted to anybody. The order comes as the
// first argument (JSON), questions come over the channel; when the channel closes the process ends.

import type { ServerMessage, ServerOrder, ServerRequest } from "./server-messages.ts";
import { SinkServer } from "./sink-server.ts";
import { TargetServer } from "./target-server.ts";

const order = JSON.parse(process.argv[2] ?? "") as ServerOrder;
const server = order.role === "sink" ? new SinkServer(order.host) : new TargetServer(order);

process.on("disconnect", () => process.exit(0));
// Ctrl-C reaches the whole process group; the parent decides when this ends.
process.on("SIGINT", () => undefined);
process.on("message", ({ kind }: ServerRequest) => {
  if (kind === "count") {
    say({ kind: "count", count: server.count() });
  } else if (server instanceof TargetServer) {
    server.pause();
  }
});
say({ kind: "ready", port: await server.start() });

function say(message: ServerMessage): void {
  process.send?.(message);
}
