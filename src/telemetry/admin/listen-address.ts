export type ListenAddress =
  | {
      readonly kind: "ok";
      /** Empty: every address of the machine, IPv4 and IPv6 as far as it has them. */
      readonly host: string;
      readonly port: number;
    }
  | { readonly kind: "bad"; readonly detail: string };

const ADDRESS = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/;

/**
 * Reads `host:port` as in `ENV_HTTP_LISTEN`: `localhost:9529`, `0.0.0.0:9529`, `[::1]:9529`, and `:9529` for every address. Port 0
 * lets the system choose.
 */
export function parseListenAddress(text: string): ListenAddress {
  const match = ADDRESS.exec(text.trim());
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    return { kind: "bad", detail: `${text} is no host:port, such as localhost:9529 or [::1]:9529` };
  }
  return { kind: "ok", host: match[1] ?? listenHost(match[2] ?? ""), port };
}

/** `localhost` is the IPv4 one: a name may resolve to ::1 only, and the bundled conf.d asks 127.0.0.1. */
function listenHost(host: string): string {
  return host.toLowerCase() === "localhost" ? "127.0.0.1" : host;
}
