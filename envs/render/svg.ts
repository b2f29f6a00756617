/** SVG as text: what little of it the pictures need. */
export type Attributes = Readonly<Record<string, string | number>>;

export function element(name: string, attributes: Attributes, content = ""): string {
  const words = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === "number" ? short(value) : escapeText(value)}"`,
  );
  return `<${name}${words.join("")}${content === "" ? "/>" : `>${content}</${name}>`}`;
}

export function text(words: string, attributes: Attributes): string {
  return element("text", attributes, escapeText(words));
}

export function document(width: number, height: number, title: string, content: string): string {
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      "font-family": "system-ui, sans-serif",
      "font-size": 12,
    },
    `${element("title", {}, escapeText(title))}${element("rect", { width, height, fill: "#fff" })}${content}`,
  );
}

/** A line through points, in the units of the picture; the pen lifts where one is not finite. */
export function linePath(points: readonly (readonly [x: number, y: number])[]): string {
  let path = "";
  let lifted = true;
  for (const [x, y] of points) {
    const finite = Number.isFinite(x) && Number.isFinite(y);
    if (finite) path += `${lifted ? "M" : "L"}${short(x)} ${short(y)}`;
    lifted = !finite;
  }
  return path;
}

/** Two decimals are a hundredth of a pixel. */
function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escapeText(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
