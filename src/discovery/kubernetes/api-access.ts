import type { Environment } from "../../config/environment.ts";
import type { Bearer, PemSource } from "../../tls-config.ts";

/** Where the API server is and how it is spoken to. Files are read again for every connection, as they rotate. */
export interface ApiAccess {
  /** Scheme, host and port, with a path where the server lies behind one. */
  readonly server: URL;
  /** Absent: the authorities of the system. */
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
export const SERVICE_ACCOUNT_DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The API server as a pod of the cluster sees it. */
export function inClusterAccess(
  environment: Environment,
  directory = SERVICE_ACCOUNT_DIRECTORY,
): ApiAccess | NoAccess {
  const host = environment["KUBERNETES_SERVICE_HOST"] ?? "";
  const port = environment["KUBERNETES_SERVICE_PORT"] ?? "";
  if (host === "" || port === "") {
    const detail =
      "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: not in a cluster, and no kubeconfig is named";
    return { kind: "no_access", detail };
  }
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
