declare module "undici/lib/core/connect.js" {
  import { buildConnector } from "undici";

  export = buildConnector;
}

/** undici's one-connection client without the rest of the package, which ships no types for its parts. */
declare module "undici/lib/dispatcher/client.js" {
  import { Client } from "undici";

  export = Client;
}
