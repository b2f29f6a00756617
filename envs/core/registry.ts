import { refuseBatch, refuseOthers } from "./arguments.js";
import type { Env, EnvSpec, RenderMode } from "./env.js";
import type { Seed } from "./random.js";
import { SingleEnv } from "./single-env.js";
import type { AutoresetMode, VectorEnv } from "./vector-env.js";

export type Kwargs = Readonly<Record<string, unknown>>;

/** What every environment can be told; whatever else is given to `make` is for its kind. */
export interface MakeOptions {
  /** Absent: from the system's entropy. */
  readonly seed?: Seed | undefined;
  /** Index of the first environment among all of a seed's. Default 0. */
  readonly firstIndex?: number | undefined;
  /** Steps after which an episode is truncated; null for never. Default: as registered. */
  readonly maxEpisodeSteps?: number | null | undefined;
  /** Default null: `render` returns nothing. */
  readonly renderMode?: RenderMode | null | undefined;
}

export interface MakeVecOptions extends MakeOptions {
  /** Default 1. */
  readonly numEnvs?: number | undefined;
  /** Default "next-step". */
  readonly autoresetMode?: AutoresetMode | undefined;
}

export interface EntryPointOptions extends MakeVecOptions {
  readonly spec: EnvSpec;
}

export interface Registration {
  /** `namespace/Name-v0`. */
  readonly id: string;
  /** Makes a batch; a single environment is a batch of one. */
  readonly entryPoint: (kwargs: Kwargs, options: EntryPointOptions) => VectorEnv;
  /** Default null: never truncated. */
  readonly maxEpisodeSteps?: number | null;
  /** Defaults of the kind's own arguments. */
  readonly kwargs?: Kwargs;
}

export interface Registry {
  /** @throws Error when the id is malformed or taken. */
  register(registration: Registration): void;
  /** One environment. Without a version, the newest. */
  make(id: string, options?: MakeOptions & Kwargs): Env;
  /** A batch of environments. */
  makeVec(id: string, options?: MakeVecOptions & Kwargs): VectorEnv;
  /** All ids, sorted. */
  list(): string[];
  spec(id: string): EnvSpec;
}

const ID = /^(?:[\w.-]+\/)?[\w.-]+?-v\d+$/;

/** Named, versioned environments, after Gymnasium 1.x (https://gymnasium.farama.org/api/registry/). */
export function createRegistry(registrations: readonly Registration[] = []): Registry {
  const entries = new Map<string, Registration>();

  const register = (registration: Registration) => {
    const { id, entryPoint: _, maxEpisodeSteps: __, kwargs: ___, ...others } = registration;
    refuseOthers("register", others, "id, entryPoint, maxEpisodeSteps, kwargs");
    if (!ID.test(id))
      throw new Error(`register: id must look like "namespace/Name-v0", got ${JSON.stringify(id)}`);
    if (entries.has(id)) throw new Error(`register: ${id} is taken, choose another name or the next version`);
    entries.set(id, registration);
  };

  const list = () => [...entries.keys()].sort();

  const find = (id: string): Registration => {
    const entry = entries.get(id) ?? entries.get(newest(id, list()) ?? "");
    if (entry) return entry;
    throw new Error(`unknown environment ${JSON.stringify(id)}: ${suggest(id, list())}`);
  };

  const makeVec = (id: string, options: MakeVecOptions & Kwargs = {}): VectorEnv => {
    const entry = find(id);
    const { numEnvs, autoresetMode, seed, firstIndex, renderMode, maxEpisodeSteps, ...own } = options;
    const base = specOf(entry);
    const spec: EnvSpec = {
      ...base,
      kwargs: mergeKwargs(base.kwargs, own),
      maxEpisodeSteps: maxEpisodeSteps === undefined ? base.maxEpisodeSteps : maxEpisodeSteps,
    };
    return entry.entryPoint(spec.kwargs, {
      numEnvs,
      autoresetMode,
      seed,
      firstIndex,
      renderMode,
      maxEpisodeSteps: spec.maxEpisodeSteps,
      spec,
    });
  };

  const make = (id: string, options: MakeOptions & Kwargs = {}): Env => {
    refuseBatch("make", "makeVec", options);
    return new SingleEnv(makeVec(id, { ...options, numEnvs: 1, autoresetMode: "disabled" }));
  };

  registrations.forEach(register);
  return { register, make, makeVec, list, spec: (id) => specOf(find(id)) };
}

function specOf({ id, maxEpisodeSteps = null, kwargs = {} }: Registration): EnvSpec {
  return { id, maxEpisodeSteps, kwargs };
}

/** Objects are merged field by field, unless both name their kind and the kinds differ. */
export function mergeKwargs(defaults: Kwargs, given: Kwargs): Kwargs {
  const merged: Record<string, unknown> = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    const base = merged[name];
    const mergeable =
      isRecord(base) && isRecord(value) && (value.kind === undefined || value.kind === base.kind);
    merged[name] = mergeable ? { ...base, ...value } : value;
  }
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function versionOf(id: string): number {
  return Number(/-v(\d+)$/.exec(id)?.[1]);
}

function newest(id: string, ids: readonly string[]): string | undefined {
  return ids
    .filter((candidate) => candidate.replace(/-v\d+$/, "") === id)
    .sort((a, b) => versionOf(b) - versionOf(a))[0];
}

/** The three nearest ids, or all of them when none is near. */
function suggest(id: string, ids: readonly string[]): string {
  const nameOf = (text: string) => text.toLowerCase().replace(/^.*\//, "");
  const near = ids
    .map((candidate) => ({ candidate, distance: editDistance(nameOf(id), nameOf(candidate)) }))
    .filter(({ distance }) => distance <= Math.max(3, nameOf(id).length / 2))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
  if (near.length > 0) return `did you mean ${near.join(", ")}?`;
  return ids.length > 0 ? `registered are ${ids.join(", ")}` : "nothing is registered";
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}
