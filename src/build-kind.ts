/** `compiled`: JavaScript as it is shipped. `source`: a checkout, whose types Node strips. */
export type BuildKind = "compiled" | "source";

export const BUILD_KIND: BuildKind = import.meta.url.endsWith(".js") ? "compiled" : "source";
