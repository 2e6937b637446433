import { parentPort } from "node:worker_threads";

// Sends back what comes, without a copy: the other side of the lane "thread crossing".
parentPort?.on("message", (payload: Uint8Array<ArrayBuffer>) => {
  parentPort?.postMessage(payload, [payload.buffer]);
});
