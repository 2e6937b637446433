import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** Of the base image's programs, those that promline's launcher and entering the container need. */
const PROGRAMS = ["sh", "dirname", "readlink", "sed", "setpriv", "umount"];
/** Where a container's own file systems are mounted. `.old` is where the way in leaves the one it comes from. */
const MOUNT_POINTS = [
  "proc",
  "dev",
  "sys/fs/cgroup",
  "tmp",
  "etc/promline/conf.d",
  "var/lib/promline",
  ".old",
];
const MERGED = ["bin", "sbin", "lib", "lib64"];

/**
 * Makes in the empty directory `root` what a container of the image has: the image root on what it needs of a Debian base,
 * which is Node with its libraries (the file of `node` itself is to be mounted over an empty one), a shell and a few programs.
 */
export function composeRoot(root: string, imageRoot: string, node: string): void {
  for (const name of MERGED) {
    mkdirSync(join(root, "usr", name), { recursive: true });
    symlinkSync(join("usr", name), join(root, name));
  }
  cpSync(imageRoot, root, { recursive: true, verbatimSymlinks: true });
  for (const path of MOUNT_POINTS) {
    mkdirSync(join(root, path), { recursive: true });
  }
  for (const name of PROGRAMS) {
    const program = findProgram(name);
    copy(root, program, join("/usr/bin", name));
    addLibraries(root, program);
  }
  addLibraries(root, node);
  writeFileSync(join(root, "usr", "local", "bin", "node"), "", { mode: 0o755 });
  writeFileSync(join(root, "etc", "hosts"), "127.0.0.1 localhost\n::1 localhost\n");
  writeFileSync(join(root, "etc", "passwd"), "root:x:0:0:root:/root:/bin/sh\n");
}

function findProgram(name: string): string {
  const found = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error(`${name} is not installed`);
  }
  return found;
}

/** The libraries that the loader would look for, at the paths it says. */
function addLibraries(root: string, program: string): void {
  const lines = execFileSync(findProgram("ldd"), [program], { encoding: "utf8" }).split("\n");
  for (const line of lines) {
    const path = /(?:=> |^\s*)(\/\S+) \(0x/.exec(line)?.[1];
    if (path !== undefined && !existsSync(join(root, path))) {
      copy(root, path, path);
    }
  }
}

function copy(root: string, from: string, to: string): void {
  mkdirSync(join(root, dirname(to)), { recursive: true });
  copyFileSync(realpathSync(from), join(root, to));
}
