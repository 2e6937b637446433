import type { KubernetesSettings } from "../../../config/settings/kubernetes-settings.ts";
import type { Bearer, PemSource } from "../../../tls-config.ts";
import { canonicalAddress } from "../ip-address.ts";
import type { ApiServerAddress } from "../pod-policy.ts";

/** Where the API server is and how it is spoken to. Files are read again for every connection, as they rotate. */
export interface ApiAccess {
  /** Scheme, host and port, with a path where the server lies behind one. */
  readonly server: URL;
  /** Absent: the authorities of Node and the system. */
  readonly authorities?: PemSource;
  readonly credentials?: Bearer;
  readonly clientCertificate?: { readonly cert: PemSource; readonly key: PemSource };
  /** Name asked of the server's certificate in place of the host. */
  readonly serverName?: string;
  /** Only a kubeconfig can say so. */
  readonly insecureSkipVerify: boolean;
}

/** Why there is no access, for people. */
export interface NoAccess {
  readonly kind: "no_access";
  readonly detail: string;
}

/** Where the kubelet puts what a pod needs to speak to the API server. */
const SERVICE_ACCOUNT_DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The API server as a pod of the cluster sees it: what the kubelet puts in its environment. */
export function inClusterAccess(
  service: KubernetesSettings["service"],
  directory = SERVICE_ACCOUNT_DIRECTORY,
): ApiAccess | NoAccess {
  if (service === undefined) {
    const detail =
      "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: not in a cluster, and no kubeconfig is named";
    return { kind: "no_access", detail };
  }
  const { host, port } = service;
  const server = URL.parse(`https://${host.includes(":") ? `[${host}]` : host}:${port}`);
  if (server === null) {
    const detail = "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT make no address";
    return { kind: "no_access", detail };
  }
  return {
    server,
    authorities: { kind: "file", path: `${directory}/ca.crt` },
    credentials: { kind: "file", path: `${directory}/token` },
    insecureSkipVerify: false,
  };
}

/** Where that is, as far as it can be told from an address: names are never scraped anyway. */
export function apiServerAddresses(
  access: ApiAccess,
  service: KubernetesSettings["service"],
): ApiServerAddress[] {
  const { server } = access;
  const ports = { "https:": 443, "http:": 80 } as Readonly<Record<string, number>>;
  const port = server.port === "" ? (ports[server.protocol] ?? 443) : Number(server.port);
  const spoken = { host: server.hostname, port };
  const told = service === undefined ? [] : [{ host: service.host, port: Number(service.port) }];
  return [spoken, ...told].flatMap((one) => {
    const address = canonicalAddress(one.host);
    return address === undefined ? [] : [{ address, port: one.port }];
  });
}
