/** promline.toml that sends everything to an InfluxDB 1.x at `url`. */
export function influxDestination(url: string, database: string): string {
  return `[[destinations]]
name = "influx"
kind = "influx_v1"
url = "${url}"
database = "${database}"
`;
}
