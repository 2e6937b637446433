declare module "parse-prometheus-text-format" {
  export interface ParsedFamily {
    readonly name: string;
    readonly type: string;
    readonly metrics: readonly Record<string, unknown>[];
  }
  // biome-ignore lint/style/noDefaultExport: the package has nothing else
  export default function parsePrometheusTextFormat(text: string): ParsedFamily[];
}
