import type { LearnedPolicyState } from "../policies/learned-policy.js";

/** Some numbers of a policy's state, where they are now. */
export interface Place {
  read(): ArrayLike<number>;
  write(values: ArrayLike<number>): void;
}

type Numbers = Float64Array | Float32Array | Int32Array | Uint8Array;

/**
 * Every number that a policy remembers, in an order that only depends on the shape of its state: what is read
 * from the places of one state can be written to those of another.
 *
 * @throws Error when the state holds what is neither a number nor a list or record of them
 */
export function placesOf(state: unknown): Place[] {
  if (typeof state !== "object" || state === null) return [];
  if (isNumbers(state)) return [{ read: () => state, write: (values) => state.set(values) }];
  if (isLearned(state)) return learnedPlaces(state);
  if (!Array.isArray(state) && Object.getPrototypeOf(state) !== Object.prototype)
    throw new Error(
      `state: must be made of numbers, lists and records to be saved, got ${state.constructor?.name}`,
    );
  return Object.keys(state).flatMap((key) => fieldPlaces(state as Record<string, unknown>, key));
}

function fieldPlaces(owner: Record<string, unknown>, key: string): Place[] {
  const value = owner[key];
  if (typeof value === "number") return [scalarPlace(owner, key, (stored) => stored)];
  if (typeof value === "boolean") return [scalarPlace(owner, key, (stored) => stored !== 0)];
  return placesOf(value);
}

function scalarPlace(owner: Record<string, unknown>, key: string, parse: (stored: number) => unknown): Place {
  return {
    read: () => [Number(owner[key])],
    write: (values) => {
      owner[key] = parse(values[0]);
    },
  };
}

/** The step first: where the memory is depends on it. */
function learnedPlaces(state: LearnedPolicyState): Place[] {
  const memory = (i: number) => state.tape.memoryBefore(state.step)[i];
  return [
    ...fieldPlaces(state as unknown as Record<string, unknown>, "step"),
    ...state.tape.memoryBefore(state.step).map((_, i) => ({
      read: () => memory(i),
      write: (values: ArrayLike<number>) => memory(i).set(values),
    })),
  ];
}

function isNumbers(state: object): state is Numbers {
  return ArrayBuffer.isView(state) && !(state instanceof DataView);
}

function isLearned(state: object): state is LearnedPolicyState {
  return "tape" in state && typeof (state.tape as LearnedPolicyState["tape"])?.memoryBefore === "function";
}
