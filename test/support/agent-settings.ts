/** promline.toml that sends everything to an InfluxDB 1.x. */
export function influxDestination(url: string, database: string): string {
  return `[[destinations]]
kind = "influxdb_v1"
url = "${url}"
db = "${database}"
`;
}
