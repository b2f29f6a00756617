/** Decimals at which a number shows that many significant digits. */
export function decimalsFor(value: number, significant: number): number {
  if (value === 0 || !Number.isFinite(value)) return 0;
  return Math.max(0, significant - 1 - Math.floor(Math.log10(Math.abs(value))));
}

/** A number for people: three significant digits unless told how many decimals; far from one, a power of ten. */
export function formatNumber(value: number, decimals = decimalsFor(value, 3)): string {
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : value > 0 ? "∞" : "-∞";
  const size = Math.abs(value);
  if (decimals > 6 || size >= 1e6) return powerOfTen(value);
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

/** As short as the number itself: for settings and tolerances, which people wrote. */
export function plainNumber(value: number): string {
  if (!Number.isFinite(value)) return formatNumber(value);
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-4 || size >= 1e6)) return powerOfTen(value);
  return String(Number(value.toPrecision(4)));
}

function powerOfTen(value: number): string {
  const [mantissa, exponent] = value.toExponential(2).split("e");
  const short = String(Number(mantissa));
  const power = `10${superscript(Number(exponent))}`;
  if (short === "1") return power;
  return short === "-1" ? `-${power}` : `${short}×${power}`;
}

export function superscript(whole: number): string {
  return [...String(whole)].map((character) => superscripts[character]).join("");
}

const superscripts: Readonly<Record<string, string>> = {
  "-": "⁻",
  0: "⁰",
  1: "¹",
  2: "²",
  3: "³",
  4: "⁴",
  5: "⁵",
  6: "⁶",
  7: "⁷",
  8: "⁸",
  9: "⁹",
};

export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  const pad = (part: number) => String(part).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)}:${pad(whole % 60)}`;
  return `${Math.floor(whole / 3600)}:${pad(Math.floor((whole % 3600) / 60))}:${pad(whole % 60)}`;
}

export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
