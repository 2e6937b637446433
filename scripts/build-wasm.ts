import { mkdir, readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import asc from "assemblyscript/asc";

// Compiles the AssemblyScript of src/ to the modules in build/, or in the directory that is named, that src/wasm-file.ts
// loads. The compiler knows `.ts` only: it is handed the sources under that name.

const [directory] = process.argv.slice(2);
const BUILD =
  directory === undefined
    ? new URL("../build/", import.meta.url)
    : pathToFileURL(`${resolve(directory)}/`);

await build("replay", "kernel", "replay-kernel");
await build("deflate", "deflate", "deflate");
await build("inflate", "inflate", "inflate");

async function build(room: string, entry: string, name: string): Promise<void> {
  const sources = new URL(`../src/${room}/`, import.meta.url);
  const { error, stderr } = await asc.main(
    [
      `${entry}.ts`,
      ...["--outFile", `${name}.wasm`, "-O3", "--noAssert", "--converge"],
      ...["--runtime", "stub", "--enable", "simd", "--importMemory", "--noExportMemory"],
      ...["--memoryBase", "0", "--use", "abort="],
    ],
    {
      readFile: async (file) => {
        try {
          return await readFile(new URL(file.replace(/\.ts$/, ".as"), sources), "utf8");
        } catch {
          return null;
        }
      },
      writeFile: async (file, contents) => {
        await mkdir(BUILD, { recursive: true });
        await writeFile(new URL(file, BUILD), contents);
      },
      listFiles: () => [],
    },
  );
  if (error !== null) {
    throw new Error(`${name} does not compile:\n${stderr.toString()}`, { cause: error });
  }
}
