/** Ranks spread evenly over [−½, ½], the smallest value lowest; equal values share their mean rank. */
export function centredRanks(values: readonly number[]): Float64Array {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const ranks = new Float64Array(values.length);
  for (let first = 0; first < order.length; ) {
    let end = first + 1;
    while (end < order.length && values[order[end]] === values[order[first]]) end++;
    const rank = (first + end - 1) / 2 / (order.length - 1) - 0.5;
    for (let i = first; i < end; i++) ranks[order[i]] = rank;
    first = end;
  }
  return ranks;
}
