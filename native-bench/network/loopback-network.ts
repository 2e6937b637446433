import { freePort } from "../measure/free-port.ts";
import type { Network } from "./network.ts";

/** 127/8: everybody is on this host, as no pod is. */
export const LOOPBACK: Network = {
  prefix: "127.0",
  sinkHost: "127.0.0.1",
  pods: [],
  agent: [],
  adminPort: freePort,
  stop: () => undefined,
};
