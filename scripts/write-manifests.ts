import { writeFileSync } from "node:fs";
import { singleManifest } from "../deploy/single-manifest.ts";

writeFileSync(new URL("../daemonset.yaml", import.meta.url), singleManifest());
