import { createSocket } from "node:dgram";
import { hostname, networkInterfaces } from "node:os";

/** What settings ask of the machine; tests pass in one of their own. */
export interface Machine {
  hostname(): string;
  /** The address that packets to the outside carry; undefined without a network. */
  address(): Promise<string | undefined>;
}

/** Nothing is sent there: connecting a datagram socket only asks the kernel for a route (192.0.2.0/24 is documentation). */
const OUTSIDE = "192.0.2.1";

export const thisMachine: Machine = {
  hostname,
  address: async () => (await routeAddress()) ?? interfaceAddress(),
};

function routeAddress(): Promise<string | undefined> {
  const socket = createSocket("udp4");
  const answer = new Promise<string | undefined>((resolve) => {
    socket.once("error", () => resolve(undefined));
    socket.connect(9, OUTSIDE, () => resolve(socket.address().address));
  });
  return answer.finally(() => socket.close());
}

function interfaceAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find((one) => one.family === "IPv4" && !one.internal)?.address;
}
