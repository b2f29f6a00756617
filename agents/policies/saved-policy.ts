import type { PolicyModel } from "./model.js";
import { type PolicyConfig, policyModel } from "./policy-model.js";

const FORMAT = "lossgym-policy";
const VERSION = 1;

/** The JSON half of a saved policy. */
export interface PolicyHeader {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly config: PolicyConfig;
  /** Bits of a weight: 64 keeps them exactly, 32 rounds. */
  readonly precision: 32 | 64;
  readonly parameterCount: number;
}

/** A policy at rest: JSON, and its weights as little-endian floats. */
export interface SavedPolicy {
  readonly header: PolicyHeader;
  readonly weights: ArrayBuffer;
}

export function savePolicy(
  { config, parameterCount }: PolicyModel,
  parameters: Float64Array,
  { precision = 64 }: { readonly precision?: 32 | 64 } = {},
): SavedPolicy {
  const weights = new ArrayBuffer((parameterCount * precision) / 8);
  const data = new DataView(weights);
  for (let i = 0; i < parameterCount; i++) {
    if (precision === 64) data.setFloat64(8 * i, parameters[i], true);
    else data.setFloat32(4 * i, parameters[i], true);
  }
  return { header: { format: FORMAT, version: VERSION, config, precision, parameterCount }, weights };
}

/** @throws when the header is of another format or version, or does not fit the weights. */
export function loadPolicy({ header, weights }: SavedPolicy): {
  readonly model: PolicyModel;
  readonly parameters: Float64Array;
} {
  const { format, version, config, precision } = header;
  if (format !== FORMAT) throw new Error(`format: must be "${FORMAT}", got ${JSON.stringify(format)}`);
  if (version !== VERSION) throw new Error(`version: must be ${VERSION}, got ${JSON.stringify(version)}`);
  const model = policyModel(config);
  const bytes = (model.parameterCount * precision) / 8;
  if (weights.byteLength !== bytes) {
    throw new Error(`weights: must be ${bytes} bytes for this config, got ${weights.byteLength}`);
  }
  const data = new DataView(weights);
  const parameters = Float64Array.from({ length: model.parameterCount }, (_, i) =>
    precision === 64 ? data.getFloat64(8 * i, true) : data.getFloat32(4 * i, true),
  );
  return { model, parameters };
}
