import type { Clock } from "../../clock.ts";
import { protobufPoints } from "../body/protobuf-points.ts";
import type { DestinationSettings, FileSettings } from "../delivery-settings.ts";
import { destinationIdentities } from "../destination-identity.ts";
import { datawayVerdict } from "./dataway-verdict.ts";
import { FileSender } from "./file-sender.ts";
import { commonHeaders, type HttpKind, HttpSender } from "./http-sender.ts";
import { influxVerdict } from "./influx-verdict.ts";
import { secretForms, secretsOfRequests } from "./redacted-excerpt.ts";
import type { Sender } from "./sender.ts";
import { datawayRequests, influxV1Request, influxV2Request, userAgent } from "./write-request.ts";

/** The sender for a destination as it is set. Throws where its URL is none: settings are checked before they get here. */
export function senderOf(
  destination: DestinationSettings,
  hostName: string,
  clock: Clock,
  renewed: (name: string) => Promise<DestinationSettings | undefined> = async () => undefined,
): Sender {
  switch (destination.kind) {
    case "file":
      return new FileSender(destination);
    case "dataway":
    case "influx_v1":
    case "influx_v2":
      return new HttpSender(httpKind(destination, hostName), clock, async () => {
        const now = await renewed(destination.name);
        // What waits for one place is not sent to another.
        return now !== undefined && now.kind !== "file" && isSamePlace(now, destination)
          ? httpKind(now, hostName)
          : undefined;
      });
  }
}

function isSamePlace(one: DestinationSettings, other: DestinationSettings): boolean {
  return destinationIdentities([one])[0] === destinationIdentities([other])[0];
}

function httpKind(
  destination: Exclude<DestinationSettings, FileSettings>,
  hostName: string,
): HttpKind {
  const { url, http } = destination;
  const common = { settings: http, url, headers: commonHeaders(http, userAgent(hostName)) };
  const known = secretsOfRequests(url, http);
  switch (destination.kind) {
    case "dataway":
      return {
        ...common,
        secrets: known,
        request: datawayRequests(destination),
        ...(destination.encoding === "protobuf" ? { encode: protobufPoints } : {}),
        verdict: datawayVerdict,
      };
    case "influx_v1": {
      const request = influxV1Request(destination);
      const secrets = secretForms([...known, destination.password ?? "", sentSecret(request)]);
      return { ...common, secrets, request: () => request, verdict: influxVerdict };
    }
    case "influx_v2": {
      const request = influxV2Request(destination);
      const secrets = secretForms([...known, destination.token ?? "", sentSecret(request)]);
      return { ...common, secrets, request: () => request, verdict: influxVerdict };
    }
  }
}

function sentSecret(request: { readonly headers: Readonly<Record<string, string>> }): string {
  const { authorization } = request.headers;
  return authorization?.split(" ")[1] ?? "";
}
