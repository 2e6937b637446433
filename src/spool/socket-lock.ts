import { chown, open, rm, stat } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { type DiskLock, faultCode } from "./disk.ts";

const NAME = "lock.sock";
/** Two that start together and both find a lock that nobody holds: one of them has it after a few tries. */
const TRIES = 3;

/**
 * Locks a directory by listening on a socket in it. The kernel lets go of it when the process ends, by `SIGKILL` too, and it
 * works between containers that share the directory, where process ids mean nothing.
 *
 * The path of a socket may have 107 bytes, that of a directory more, so it goes by way of `/proc/self/fd`.
 */
export async function lockDirectory(directory: string): Promise<DiskLock | undefined> {
  const handle = await open(directory, "r");
  const path = join("/proc/self/fd", String(handle.fd), NAME);
  let abandoned = false;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    try {
      const server = await listen(path);
      const { uid, gid } = await handle.stat();
      if (process.getuid?.() === 0 && uid !== 0) {
        // Who may not connect could not tell whether somebody listens.
        await chown(path, uid, gid);
      }
      // After a loss of power the socket is what tells of it.
      await handle.sync();
      return {
        abandoned,
        isHere: async () => {
          const [mine, there] = await Promise.all([
            handle.stat(),
            stat(directory).catch(() => undefined),
          ]);
          return there?.ino === mine.ino && there.dev === mine.dev;
        },
        release: async () => {
          // Closing removes the socket by its path, which must still mean the same directory.
          await new Promise<void>((resolve) => server.close(() => resolve()));
          await handle.close();
        },
      };
    } catch (error) {
      if (faultCode(error) !== "EADDRINUSE") {
        await handle.close();
        throw error;
      }
    }
    if (await isHeld(path)) {
      break;
    }
    await rm(path, { force: true });
    abandoned = true;
  }
  await handle.close();
  return undefined;
}

/** True while a process has the directory; asks and changes nothing. */
export async function isDirectoryLocked(directory: string): Promise<boolean> {
  const handle = await open(directory, "r");
  try {
    return await isHeld(join("/proc/self/fd", String(handle.fd), NAME));
  } finally {
    await handle.close();
  }
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", reject);
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

function isHeld(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    // Somebody else's socket that may not be asked may be in use.
    socket.once("error", (error) => resolve(faultCode(error) === "EACCES"));
  });
}
