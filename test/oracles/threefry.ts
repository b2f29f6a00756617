/** Threefry-2x32 straight from its definition (Salmon et al., SC 2011), any number of rounds, unsigned words. */
export function threefryOracle(
  rounds: number,
  [counter0, counter1]: readonly [number, number],
  [key0, key1]: readonly [number, number],
): [number, number] {
  const rotations = [13, 15, 26, 6, 17, 29, 16, 24];
  const word = (value: bigint) => value & 0xffffffffn;
  const keys = [BigInt(key0), BigInt(key1), 0x1bd11bdan ^ BigInt(key0) ^ BigInt(key1)];
  let x = word(BigInt(counter0) + keys[0]);
  let y = word(BigInt(counter1) + keys[1]);
  for (let round = 0; round < rounds; round++) {
    const by = BigInt(rotations[round % 8]);
    x = word(x + y);
    y = word((y << by) | (y >> (32n - by))) ^ x;
    if (round % 4 !== 3) continue;
    const injection = (round + 1) / 4;
    x = word(x + keys[injection % 3]);
    y = word(y + keys[(injection + 1) % 3] + BigInt(injection));
  }
  return [Number(x), Number(y)];
}
