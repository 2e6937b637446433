/** promline.toml that sends everything to an InfluxDB-compatible `/write`. */
export function influxDestination(url: string): string {
  return `[[destinations]]
type = "influxdb"
url = "${url}"
`;
}
