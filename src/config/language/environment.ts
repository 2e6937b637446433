/** Environment variables by name. Passed in everywhere, so that tests and annotations have their own. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables of this process. The only place that reads them. */
export function processEnvironment(): Environment {
  // biome-ignore lint/style/noProcessEnv: the one place that may; everybody else is given an Environment
  return process.env;
}
