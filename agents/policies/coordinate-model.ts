import { coordinateTape, type HeadModel } from "./coordinate-tape.js";
import type { CoordinateLayout } from "./coordinates.js";
import type { PolicyConfig, PolicyModel } from "./model.js";
import type { Network } from "./network.js";

/** The policy that applies a network with its head to every coordinate alike. */
export function coordinateModel(
  config: PolicyConfig & { readonly layout: CoordinateLayout },
  network: Network,
  head: HeadModel,
): PolicyModel {
  const { parameterCount, initialParameters } = network;
  return {
    config,
    parameterCount,
    initialParameters,
    instantiate: (kernels, batch, steps) =>
      coordinateTape(config.layout, network, head, kernels, batch, steps),
  };
}
