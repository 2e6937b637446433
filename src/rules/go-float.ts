/**
 * A float64 as Go's `fmt.Sprint` prints it, which is how DataKit writes `le` and `quantile`: the
 * shortest digits that read back the same, in exponent form where the decimal exponent is below -4
 * or at least 6 (999999 stays, 1000000 is 1e+06; spec: datakit.md 2.3). JavaScript's own form
 * switches at -7 and 21.
 */
export function goFloat(value: number): string {
  if (Number.isNaN(value)) {
    return "NaN";
  }
  if (!Number.isFinite(value)) {
    return value > 0 ? "+Inf" : "-Inf";
  }
  if (value === 0) {
    return Object.is(value, -0) ? "-0" : "0";
  }
  // toExponential without an argument gives the shortest digits: d.ddde±x.
  const [digits, power] = value.toExponential().split("e") as [string, string];
  const exponent = Number(power);
  return exponent < -4 || exponent >= 6 ? exponentForm(digits, exponent) : String(value);
}

function exponentForm(digits: string, exponent: number): string {
  const sign = exponent < 0 ? "-" : "+";
  return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}
