/** Plots the cost of each iteration; everything it needs is in it. */
export const watchPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>lossgym train</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
  svg { width: 100%; height: auto; background: #fafafa; }
  polyline { fill: none; stroke: #0b62a4; stroke-width: 1.5; vector-effect: non-scaling-stroke; }
  text { font-size: 14px; fill: #555; }
</style>
<h1>lossgym train</h1>
<p id="state" role="status">waiting for the run</p>
<svg viewBox="0 0 800 400" role="img" aria-label="cost against iteration">
  <polyline id="curve"></polyline>
  <text id="high" x="8" y="18"></text>
  <text id="low" x="8" y="392"></text>
  <text id="last" x="792" y="392" text-anchor="end"></text>
</svg>
<script>
  const show = (id, text) => { document.getElementById(id).textContent = text; };
  const points = [];
  let iterations = 1;
  let title = "";
  let due = false;
  const draw = () => {
    due = false;
    const costs = points.map(([, cost]) => cost).filter(Number.isFinite);
    const low = Math.min(...costs), high = Math.max(...costs);
    const place = ([at, cost]) => [800 * at / iterations, 370 - 340 * (cost - low) / (high - low || 1)];
    document.getElementById("curve").setAttribute("points", points.map(place).join(" "));
    show("high", "cost " + high.toPrecision(4));
    show("low", "cost " + low.toPrecision(4));
    show("last", iterations + " iterations");
  };
  const source = new EventSource("/events");
  source.onopen = () => { points.length = 0; };
  source.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    if (event.kind === "started") title = event.trainer + ", " + event.policy.kind + ": ";
    if (event.kind === "progress") {
      iterations = event.iterations;
      points.push([event.iteration, event.cost]);
      show("state", title + "iteration " + event.iteration + " of " + iterations + ", cost " + event.cost.toPrecision(5));
      if (!due) { due = true; requestAnimationFrame(draw); }
    }
    if (event.kind === "finished") { show("state", title + "finished"); source.close(); }
  };
</script>
</html>
`;
