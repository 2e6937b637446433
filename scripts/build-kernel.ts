import { mkdir, readFile, writeFile } from "node:fs/promises";
import asc from "assemblyscript/asc";

// Compiles src/replay/*.as to the module that src/scrape/kernel-file.ts loads. The compiler knows `.ts` only: it is handed
// the sources under that name.

const SOURCES = new URL("../src/replay/", import.meta.url);
const BUILD = new URL("../build/", import.meta.url);
const PAGES = 0x60000 / 65536;

const { error, stderr } = await asc.main(
  [
    "kernel.ts",
    ...["--outFile", "replay-kernel.wasm", "-O3", "--noAssert", "--converge"],
    ...["--runtime", "stub", "--enable", "simd", "--importMemory", "--noExportMemory"],
    ...["--initialMemory", String(PAGES), "--memoryBase", "0"],
    ...["--use", "abort="],
  ],
  {
    readFile: async (name) => {
      try {
        return await readFile(new URL(name.replace(/\.ts$/, ".as"), SOURCES), "utf8");
      } catch {
        return null;
      }
    },
    writeFile: async (name, contents) => {
      await mkdir(BUILD, { recursive: true });
      await writeFile(new URL(name, BUILD), contents);
    },
    listFiles: () => [],
  },
);
if (error !== null) {
  throw new Error(`the replay kernel does not compile:\n${stderr.toString()}`, { cause: error });
}
