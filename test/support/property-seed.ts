import fc from "fast-check";
import { runSeed } from "./run-seed.ts";

fc.configureGlobal({ seed: runSeed() });
