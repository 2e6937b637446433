import { X509Certificate } from "node:crypto";
import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import tls from "node:tls";
import { fileStamp, readSmallFile } from "../small-file.ts";

/** What of the environment says where the authorities of the system are, for programs of OpenSSL and Go alike. */
export interface AuthorityPlaces {
  readonly SSL_CERT_FILE?: string | undefined;
  /** Directories, separated by colons. */
  readonly SSL_CERT_DIR?: string | undefined;
}

/** Where distributions have them; the first that is there counts (Go's `crypto/x509`, `root_linux.go`). */
const FILES = [
  "/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Gentoo
  "/etc/pki/tls/certs/ca-bundle.crt", // Fedora, RHEL 6
  "/etc/ssl/ca-bundle.pem", // openSUSE
  "/etc/pki/tls/cacert.pem", // OpenELEC
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // RHEL 7 and later
  "/etc/ssl/cert.pem", // Alpine
];

/** Read beside the file: a certificate that is mounted there counts without `update-ca-certificates`. */
const DIRECTORIES = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

const BUNDLE_SOURCES = /^\/usr\/(local\/)?share\/ca-certificates\//;

/** A directory of something else must cost neither time nor memory. */
const MAX_FILES = 2_000;
const MAX_CERTIFICATES = 5_000;

const BLOCK = /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g;

/**
 * The authorities of the system, beside those that come with Node, for every TLS connection of this thread that is given none.
 * Node can read them itself (`--use-system-ca`), but reads each four times on Debian 12 (576 for 144): 3.9 MiB and 79 ms of CPU a
 * thread. Here those that Node has already are left out: 48 more, 1.8 MiB and 40 ms, once, where a connection needs them.
 */
export class SystemAuthorities {
  readonly #places: AuthorityPlaces;
  readonly #base: () => readonly string[];
  readonly #trust: (pems: readonly string[]) => void;
  #stamp: string | undefined;
  #loaded = "";

  /** `base`: what is trusted anyway. `trust` gets both. */
  constructor(
    places: AuthorityPlaces,
    base: () => readonly string[],
    trust: (pems: readonly string[]) => void,
  ) {
    this.#places = places;
    this.#base = base;
    this.#trust = trust;
  }

  /** Changes when what is trusted does. Looks at files, reads them where they have changed; never rejects. */
  async load(): Promise<string> {
    const stamp = (await Promise.all(placesOf(this.#places).map(fileStamp))).join(" ");
    if (stamp !== this.#stamp) {
      const base = this.#base();
      const more = await readAuthorities(this.#places, base);
      const loaded = more.map(({ fingerprint }) => fingerprint).join(" ");
      if (loaded !== this.#loaded) {
        this.#trust([...base, ...more.map(({ pem }) => pem)]);
      }
      this.#stamp = stamp;
      this.#loaded = loaded;
    }
    return this.#loaded;
  }
}

/** Those of this thread; its environment is looked at once. */
export const systemAuthorities = new SystemAuthorities(
  // biome-ignore lint/style/noProcessEnv: no settings of ours, but those of every program on the system
  process.env,
  () => [...tls.getCACertificates("bundled"), ...tls.getCACertificates("extra")],
  (pems) => tls.setDefaultCACertificates(pems),
);

interface Authority {
  readonly pem: string;
  readonly fingerprint: string;
}

function placesOf({ SSL_CERT_FILE: file, SSL_CERT_DIR: directories }: AuthorityPlaces): string[] {
  return [...filesOf(file), ...directoriesOf(directories)];
}

function filesOf(file: string | undefined): readonly string[] {
  return file ? [file] : FILES;
}

function directoriesOf(directories: string | undefined): readonly string[] {
  return directories ? directories.split(":").filter((one) => one !== "") : DIRECTORIES;
}

/** What is not among `base`. A file that cannot be read and a certificate that does not parse are passed over, as in Go. */
async function readAuthorities(
  places: AuthorityPlaces,
  base: readonly string[],
): Promise<readonly Authority[]> {
  const known = new Set(base.flatMap(bodiesOf));
  const found: Authority[] = [];
  const add = (text: string): void => {
    for (const body of bodiesOf(text)) {
      if (!known.has(body) && found.length < MAX_CERTIFICATES) {
        known.add(body);
        const authority = authorityOf(body);
        found.push(...(authority === undefined ? [] : [authority]));
      }
    }
  };
  let bundle = "";
  for (const path of filesOf(places.SSL_CERT_FILE)) {
    const file = await readSmallFile(path);
    if (file.kind === "ok") {
      add(file.text);
      bundle = path;
      break;
    }
  }
  for (const directory of directoriesOf(places.SSL_CERT_DIR)) {
    for (const path of certificateFiles(directory, bundle)) {
      const file = await readSmallFile(path);
      add(file.kind === "ok" ? file.text : "");
    }
  }
  return found;
}

/**
 * Passes over links to a neighbour, which are names by hash (`c_rehash`) of what is read anyway, and links to where Debian's
 * `update-ca-certificates` makes the bundle from. At once: 300 links cost a millisecond or two, and ten times that one by one
 * through the thread pool.
 */
function certificateFiles(directory: string, bundle: string): string[] {
  const isSource = (to: string) => bundle === FILES[0] && BUNDLE_SOURCES.test(to);
  return namesIn(directory).flatMap((name) => {
    const path = join(directory, name);
    const to = targetOf(path);
    return to === undefined || (to.includes("/") && !isSource(to)) ? [path] : [];
  });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).slice(0, MAX_FILES);
  } catch {
    return [];
  }
}

/** Undefined where it is no link. */
function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** The base64 of each certificate of a text, which is the same however its lines are cut. */
function bodiesOf(text: string): string[] {
  return [...text.matchAll(BLOCK)].map(([, body = ""]) => body.replace(/\s+/g, ""));
}

function authorityOf(body: string): Authority | undefined {
  try {
    const certificate = new X509Certificate(Buffer.from(body, "base64"));
    return { pem: certificate.toString(), fingerprint: certificate.fingerprint256 };
  } catch {
    return undefined;
  }
}
