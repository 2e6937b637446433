import type { Disk, DiskFile, DiskLock, DiskSpace } from "../../src/spool/disk.ts";

interface Node {
  /** What a reader sees. */
  bytes: Buffer;
  /** What a loss of power leaves. */
  synced: Buffer;
}

/** From [0, 1). */
type Random = () => number;

/**
 * A disk in memory that is as bad as a real one may be. Writes and names are in the cache until they are synced. A loss of power
 * keeps of the unsynced bytes a random part (torn anywhere, pages missing in the middle), and of the unsynced names any subset,
 * in any order. It can fill up, fail, and become read-only.
 */
export class FakeDisk implements Disk {
  readonly #random: Random;
  #names = new Map<string, Node>();
  #syncedNames = new Map<string, Node>();
  #directories = new Set<string>();
  #lives = 0;
  #removals = 0;
  readonly #held = new Set<string>();
  readonly #abandoned = new Set<string>();
  /** Code of the error for calls that change something; undefined: all is well. */
  fault: string | undefined;
  /** Of calls that change something, this part fails with EIO at random. */
  faultRate = 0;
  capacity = Number.POSITIVE_INFINITY;
  /** Bytes that somebody else has on it. */
  foreignBytes = 0;
  /** Codes of errors by call, or by call and path: `space`, `open /queue/metric/x.seg`. */
  readonly faults = new Map<string, string>();
  writes = 0;

  constructor(random: Random = () => 0) {
    this.#random = random;
  }

  get usedBytes(): number {
    let bytes = this.foreignBytes;
    for (const node of this.#names.values()) {
      bytes += node.bytes.byteLength;
    }
    return bytes;
  }

  get paths(): string[] {
    return [...this.#names.keys()].sort();
  }

  bytesOf(path: string): Buffer {
    return this.#node(path).bytes;
  }

  /** Changes bytes as a bad sector would, for good. */
  damage(path: string, offset: number, bytes: Uint8Array): void {
    const node = this.#node(path);
    node.bytes.set(bytes, offset);
    node.synced = Buffer.from(node.bytes);
  }

  put(path: string, bytes: Uint8Array): void {
    const node = { bytes: Buffer.from(bytes), synced: Buffer.from(bytes) };
    this.#names.set(path, node);
    this.#syncedNames.set(path, node);
  }

  removeDirectory(directory: string): void {
    this.#removals += 1;
    this.#held.delete(directory);
    for (const path of this.paths.filter((one) => one.startsWith(`${directory}/`))) {
      this.#unlink(path);
      this.#syncedNames.delete(path);
    }
    for (const one of [...this.#directories]) {
      if (one === directory || one.startsWith(`${directory}/`)) {
        this.#directories.delete(one);
      }
    }
  }

  /** The process dies: what was written is written, and its calls never return. */
  kill(): void {
    for (const path of this.#held) {
      this.#abandoned.add(path);
    }
    this.#held.clear();
    this.#lives += 1;
  }

  /** The disk as one process sees it while it lives. */
  session(): Disk {
    const life = this.#lives;
    const alive = <T extends object>(inner: T): T =>
      new Proxy(inner, {
        get: (target, name) => {
          const method: unknown = Reflect.get(target, name);
          if (typeof method !== "function") {
            return method;
          }
          return (...args: unknown[]) => {
            if (this.#lives !== life) {
              return new Promise(() => undefined);
            }
            const result = (method as (...given: unknown[]) => Promise<unknown>).apply(
              target,
              args,
            );
            return result.then((value) =>
              name === "create" || name === "open" ? alive(value as DiskFile) : value,
            );
          };
        },
      });
    return alive(this as Disk);
  }

  /** The machine dies. */
  losePower(): void {
    this.kill();
    const names = new Map(this.#syncedNames);
    for (const [path, node] of this.#names) {
      if (!names.has(path) && this.#random() < 0.5) {
        names.set(path, node);
      }
    }
    for (const path of this.#syncedNames.keys()) {
      if (!this.#names.has(path) && this.#random() < 0.5) {
        names.delete(path);
      }
    }
    for (const node of new Set(names.values())) {
      node.bytes = this.#torn(node);
      node.synced = Buffer.from(node.bytes);
    }
    this.#names = names;
    this.#syncedNames = new Map(names);
  }

  async makeDirectory(path: string): Promise<void> {
    this.#failAt("makeDirectory", path);
    if (!this.#directories.has(path)) {
      this.#change();
    }
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      this.#directories.add(path.slice(0, end));
    }
  }

  async list(path: string): Promise<readonly string[]> {
    this.#failAt("list", path);
    if (!this.#directories.has(path)) {
      throw faultOf("ENOENT");
    }
    const directories = [...this.#directories].filter((one) => isIn(path, one));
    return [...this.#under(path), ...directories].map((one) => one.slice(path.length + 1));
  }

  async create(path: string): Promise<DiskFile> {
    this.#failAt("create", path);
    this.#change();
    if (!this.#directories.has(path.slice(0, path.lastIndexOf("/")))) {
      throw faultOf("ENOENT");
    }
    if (this.#names.has(path)) {
      throw faultOf("EEXIST");
    }
    const node = { bytes: Buffer.alloc(0), synced: Buffer.alloc(0) };
    this.#names.set(path, node);
    return this.#file(node, path);
  }

  async open(path: string): Promise<DiskFile> {
    this.#failAt("open", path);
    return this.#file(this.#node(path), path);
  }

  async remove(path: string): Promise<void> {
    this.#failAt("remove", path);
    this.#change();
    this.#unlink(path);
  }

  async syncDirectory(path: string): Promise<void> {
    this.#failAt("syncDirectory", path);
    this.#change();
    for (const known of [...this.#syncedNames.keys()]) {
      if (isIn(path, known)) {
        this.#syncedNames.delete(known);
      }
    }
    for (const known of this.#under(path)) {
      this.#syncedNames.set(known, this.#node(known));
    }
  }

  async space(path: string): Promise<DiskSpace> {
    this.#failAt("space", path);
    const total = Math.min(this.capacity, 2 ** 50);
    return { free: Math.max(0, total - this.usedBytes), total };
  }

  async lock(path: string): Promise<DiskLock | undefined> {
    this.#failAt("lock", path);
    if (this.#held.has(path)) {
      return undefined;
    }
    this.#held.add(path);
    const removals = this.#removals;
    return {
      isHere: async () => this.#removals === removals && this.#directories.has(path),
      abandoned: this.#abandoned.delete(path),
      release: async () => {
        if (this.#removals === removals) {
          this.#held.delete(path);
        }
      },
    };
  }

  #file(node: Node, path: string): DiskFile {
    return {
      size: async () => {
        this.#failAt("size", path);
        return node.bytes.byteLength;
      },
      read: async (offset, length) => {
        this.#failAt("read", path);
        return Buffer.from(node.bytes.subarray(offset, offset + length));
      },
      write: async (offset, bytes) => {
        this.#failAt("write", path);
        this.writes += 1;
        this.#change();
        const free = this.capacity - this.usedBytes;
        const grows = offset + bytes.byteLength - node.bytes.byteLength;
        const fits =
          grows <= free ? bytes.byteLength : Math.max(0, bytes.byteLength - grows + free);
        const whole = Buffer.alloc(Math.max(node.bytes.byteLength, offset + fits));
        whole.set(node.bytes);
        whole.set(bytes.subarray(0, fits), offset);
        node.bytes = whole;
        if (fits < bytes.byteLength) {
          throw faultOf("ENOSPC");
        }
      },
      truncate: async (length) => {
        this.#failAt("truncate", path);
        this.#change();
        node.bytes = Buffer.from(node.bytes.subarray(0, length));
      },
      sync: async () => {
        this.#failAt("sync", path);
        this.#change();
        node.synced = Buffer.from(node.bytes);
      },
      close: async () => undefined,
    };
  }

  /** The synced bytes, and of what is new a part. */
  #torn({ bytes, synced }: Node): Buffer {
    const length = Math.floor(
      Math.min(bytes.length, synced.length) +
        this.#random() *
          (Math.max(bytes.length, synced.length) - Math.min(bytes.length, synced.length) + 1),
    );
    const left = Buffer.alloc(length);
    left.set(synced.subarray(0, length));
    for (let at = 0; at < length; at += 64) {
      if (at >= synced.length ? this.#random() < 0.8 : this.#random() < 0.5) {
        left.set(bytes.subarray(at, Math.min(length, at + 64)), at);
      }
    }
    return left;
  }

  #failAt(call: string, path: string): void {
    const code = this.faults.get(call) ?? this.faults.get(`${call} ${path}`);
    if (code !== undefined) {
      throw faultOf(code);
    }
  }

  #change(): void {
    if (this.fault !== undefined) {
      throw faultOf(this.fault);
    }
    if (this.faultRate > 0 && this.#random() < this.faultRate) {
      throw faultOf("EIO");
    }
  }

  #unlink(path: string): void {
    this.#node(path);
    this.#names.delete(path);
  }

  #under(directory: string): string[] {
    return this.paths.filter((path) => isIn(directory, path));
  }

  #node(path: string): Node {
    const node = this.#names.get(path);
    if (node === undefined) {
      throw faultOf("ENOENT");
    }
    return node;
  }
}

/** In the directory itself, not in one that is in it. */
function isIn(directory: string, path: string): boolean {
  return path.startsWith(`${directory}/`) && !path.includes("/", directory.length + 1);
}

function faultOf(code: string): Error {
  return Object.assign(new Error(`${code}: as asked`), { code });
}
