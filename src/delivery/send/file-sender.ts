import { mkdir } from "node:fs/promises";
import type { Category } from "../../payload.ts";
import type { Body } from "../body/body.ts";
import { inflateExactly } from "../body/body-splitter.ts";
import type { FileSettings } from "../delivery-settings.ts";
import { fileVerdict } from "./file-verdict.ts";
import { redactedExcerpt } from "./redacted-excerpt.ts";
import { makeRoomInDirectory, RotatingFile } from "./rotating-file.ts";
import type { Sender, SendOutcome } from "./sender.ts";

/** Line protocol as plain text in files of bounded size. A write cannot be aborted: it ends by itself. */
export class FileSender implements Sender {
  readonly address: string;
  readonly isLocal = true;
  readonly concurrency = 1;
  readonly #settings: FileSettings;
  readonly #files: Readonly<Record<Category, RotatingFile>>;

  constructor(settings: FileSettings) {
    const { directory, maxFileBytes } = settings;
    this.#settings = settings;
    this.address = directory;
    this.#files = {
      metric: new RotatingFile(directory, "metrics", maxFileBytes),
      logging: new RotatingFile(directory, "logging", maxFileBytes),
    };
  }

  async send(body: Body, _signal: AbortSignal): Promise<SendOutcome> {
    const inflated = await inflateExactly(body.gzip, body.tally.bytes);
    if (inflated.kind === "corrupt") {
      const verdict = { kind: "dropped", reason: "corrupt" } as const;
      return { verdict, wireBytes: 0, detail: inflated.detail };
    }
    try {
      await this.#write(body.category, inflated.text);
      const verdict = { kind: "accepted", rejectedPoints: 0 } as const;
      return { verdict, wireBytes: inflated.text.byteLength, detail: "" };
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      const detail = redactedExcerpt(error instanceof Error ? error.message : String(error), []);
      return { verdict: fileVerdict(code), wireBytes: 0, detail };
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #write(category: Category, text: Uint8Array): Promise<void> {
    const { directory, maxTotalBytes } = this.#settings;
    await mkdir(directory, { recursive: true });
    await makeRoomInDirectory(directory, maxTotalBytes, text.byteLength);
    await this.#files[category].append(text);
    // What was just rotated away could not be deleted before.
    await makeRoomInDirectory(directory, maxTotalBytes, 0);
  }
}
