/** Text 0.0.4 or OpenMetrics 1.0: decided by the Content-Type, never guessed from the bytes. */
export type Dialect = "text" | "openmetrics";
