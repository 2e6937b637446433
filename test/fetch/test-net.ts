import { afterEach } from "vitest";
import { PageFetcher, type PageFetcherOptions } from "../../src/fetch/page-fetcher.ts";
import {
  answer,
  type ListenOn,
  type Script,
  type ScriptedServer,
  serve,
} from "./scripted-server.ts";

export const PAGE = "# TYPE up gauge\nup 1\n";

export const page: Script = (socket) =>
  socket.write(answer(PAGE, { "Content-Type": "text/plain" }));

/** Servers and fetchers of the running test; the fetchers close first. */
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) {
    await one.close();
  }
});

export async function listening(script: Script, on: ListenOn = {}): Promise<ScriptedServer> {
  const server = await serve(script, on);
  opened.push(server);
  return server;
}

export function fetcherOf(options?: PageFetcherOptions): PageFetcher {
  const fetcher = new PageFetcher(options);
  opened.unshift(fetcher);
  return fetcher;
}
