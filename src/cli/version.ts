import { VERSION } from "../version.ts";
import { type CliIo, EXIT_FAILED, EXIT_OK } from "./cli-io.ts";

export async function versionCommand(args: readonly string[], io: CliIo): Promise<number> {
  if (args.includes("--verbose")) {
    return sayBuild(io);
  }
  io.stdout(
    `promline ${VERSION} (node ${process.versions.node}, ${process.platform} ${process.arch})\n`,
  );
  return EXIT_OK;
}

/** A failure where the build lacks what it was shipped with, so that a script can ask. */
async function sayBuild(io: CliIo): Promise<number> {
  const { buildFault, readBuild } = await import("../agent/build-report.ts");
  const build = readBuild();
  const fault = buildFault(build);
  const part = (name: "kernel" | "deflate" | "inflate") => {
    const found = build[name];
    return found.kind === "ready" ? "yes" : `no (${found.reason})`;
  };
  const rows = [
    ["version", build.version],
    ["node", build.node],
    ["platform", build.platform],
    ["build", build.kind],
    ["kernel", part("kernel")],
    ["deflate", part("deflate")],
    ["inflate", part("inflate")],
  ];
  io.stdout(rows.map(([name = "", value]) => `${`${name}:`.padEnd(10)}${value}\n`).join(""));
  if (fault === undefined) {
    return EXIT_OK;
  }
  io.stderr(`promline: ${fault}\n`);
  return EXIT_FAILED;
}
