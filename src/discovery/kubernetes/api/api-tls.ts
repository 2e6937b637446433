import { connectionOptions, type TlsConnectionOptions } from "../../../tls/connection-options.ts";
import { systemAuthorities } from "../../../tls/system-authorities.ts";
import { contextOf } from "../../../tls/tls-material.ts";
import type { TlsConfig } from "../../../tls-config.ts";
import type { ApiAccess } from "./api-access.ts";
import type { ApiCredentials } from "./api-credentials.ts";
import { type ApiFault, apiFault } from "./api-fault.ts";

/** How TLS is spoken with the API server, made of what was read just now. */
export async function apiTls(
  access: ApiAccess,
  { ca, cert, key }: ApiCredentials,
): Promise<TlsConnectionOptions | ApiFault> {
  const { authorities, clientCertificate, insecureSkipVerify, serverName } = access;
  const config: TlsConfig = {
    ca: authorities === undefined ? [] : [authorities],
    ...clientCertificate,
    insecureSkipVerify,
  };
  if (ca === undefined && !insecureSkipVerify) {
    await systemAuthorities.load();
  }
  const secureContext = contextOf(config, {
    ca: ca === undefined ? [] : [ca],
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
  return "kind" in secureContext
    ? apiFault("credentials", secureContext.detail)
    : connectionOptions({
        secureContext,
        verify: !insecureSkipVerify,
        ...(serverName === undefined ? {} : { serverName }),
      });
}
