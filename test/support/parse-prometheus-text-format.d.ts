declare module "parse-prometheus-text-format" {
  interface Metric {
    readonly labels?: Readonly<Record<string, string>>;
    readonly value: string;
  }

  interface Family {
    readonly name: string;
    readonly metrics: readonly Metric[];
  }

  // biome-ignore lint/style/noDefaultExport: the package has no other export
  export default function parsePrometheusTextFormat(page: string): Family[];
}
