/** A file that cannot be opened or read now. It is left alone and tried again. */
export interface UnreadableFile {
  readonly path: string;
  /** Of the disk's error. */
  readonly code: string;
}

/** The files of one directory that cannot be read, each told of once. */
export class UnreadableFiles {
  readonly #directory: string;
  readonly #tell: (file: UnreadableFile) => void;
  readonly #files = new Map<string, UnreadableFile>();
  readonly #told = new Set<string>();

  constructor(directory: string, tell: (file: UnreadableFile) => void) {
    this.#directory = directory;
    this.#tell = tell;
  }

  get files(): readonly UnreadableFile[] {
    return [...this.#files.values()];
  }

  add(name: string, code: string): void {
    const file = { path: `${this.#directory}/${name}`, code };
    this.#files.set(name, file);
    if (!this.#told.has(`${name} ${code}`)) {
      this.#told.add(`${name} ${code}`);
      this.#tell(file);
    }
  }

  /** Codes by names. */
  addAll(files: ReadonlyMap<string, string>): void {
    for (const [name, code] of files) {
      this.add(name, code);
    }
  }

  /** It was read, or is gone. */
  remove(name: string): void {
    this.#files.delete(name);
  }
}
