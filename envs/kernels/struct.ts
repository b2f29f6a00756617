/**
 * A record that kernels read from memory, four bytes a field: addresses and counts as integers, the rest as float32.
 * The order of the fields is that of the class in assembly/.
 */
export class Struct<Whole extends string, Real extends string> {
  readonly address: number;
  private readonly fields: readonly (Whole | Real)[];
  private readonly wholes: Int32Array;
  private readonly reals: Float32Array;

  constructor(memory: Float32Array, fields: readonly (Whole | Real)[]) {
    this.address = memory.byteOffset;
    this.fields = fields;
    this.reals = memory;
    this.wholes = new Int32Array(memory.buffer, memory.byteOffset, memory.length);
  }

  set(field: Whole, value: number): void {
    this.wholes[this.fields.indexOf(field)] = value;
  }

  setReal(field: Real, value: number): void {
    this.reals[this.fields.indexOf(field)] = value;
  }
}
