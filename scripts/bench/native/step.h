// A step of the environment that scripts/bench/inputs.ts describes: float32, one row of environments for each
// coordinate.
#pragma once
#include <stdlib.h>

#include "inputs.h"
#include "noise.h"

/** Environments worked on at once: their sums stay in the first cache. */
#define BLOCK (2 * DRAWS)

typedef struct {
  int count, dimension, noisy;
  uint32_t clock;
  float *curvature;
  /** [dimension][count], as all that follow. */
  float *parameters, *minima, *actions, *seen_gradients, *seen_parameters;
  /** [count]. */
  float *costs;
  int *elapsed;
} batch_t;

static float *floats(size_t count) {
  float *memory = aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64);
  if (!memory) exit(3);
  memset(memory, 0, (count * sizeof(float) + 63) / 64 * 64);
  return memory;
}

static const key_t2 NOISE_KEY = {0x243f6a88u, 0x85a308d3u};

static batch_t *new_batch(int count, int dimension, int noisy) {
  batch_t *b = malloc(sizeof *b);
  const size_t size = (size_t)count * dimension;
  *b = (batch_t){.count = count, .dimension = dimension, .noisy = noisy};
  b->curvature = floats(dimension);
  b->parameters = floats(size), b->minima = floats(size), b->actions = floats(size);
  b->seen_gradients = floats(size), b->seen_parameters = floats(size);
  b->costs = floats(count), b->elapsed = (int *)floats(count);
  for (int j = 0; j < dimension; j++) {
    b->curvature[j] = curvature_of(j);
    for (int n = 0; n < count; n++) {
      const int64_t index = (int64_t)n * dimension + j;
      b->minima[(size_t)j * count + n] = (float)input_value(index, MINIMA);
      b->actions[(size_t)j * count + n] = ACTION_SCALE * (float)input_value(index, ACTIONS);
    }
  }
  return b;
}

static void free_batch(batch_t *b) {
  free(b->curvature), free(b->parameters), free(b->minima), free(b->actions), free(b->seen_gradients);
  free(b->seen_parameters), free(b->costs), free(b->elapsed), free(b);
}

/** Back to θ = 0 where an episode is over; the noise of the step stays. */
static void begin_ended(batch_t *b, int from, int count) {
  int *elapsed = b->elapsed + from;
  for (int j = 0; j < b->dimension; j++) {
    const size_t at = (size_t)j * b->count + from;
    for (int n = 0; n < count; n++) {
      const float theta = elapsed[n] >= EPISODE_STEPS ? 0.0f : b->parameters[at + n];
      b->seen_gradients[at + n] += b->curvature[j] * (theta - b->parameters[at + n]);
      b->seen_parameters[at + n] = b->parameters[at + n] = theta;
    }
  }
  for (int n = 0; n < count; n++) elapsed[n] = elapsed[n] >= EPISODE_STEPS ? 0 : elapsed[n];
}

static inline void step_row(int count, float h, float *restrict parameters, const float *restrict minima,
                            const float *restrict actions, float *restrict gradients, float *restrict seen,
                            float *restrict effort, float *restrict loss) {
  for (int n = 0; n < count; n++) {
    const float u = actions[n];
    const float theta = parameters[n] + TIME_STEP * u;
    const float z = theta - minima[n];
    const float slope = h * z;
    parameters[n] = theta;
    seen[n] = theta;
    gradients[n] = slope;
    effort[n] += u * u;
    loss[n] += slope * z;
  }
}

static inline void add_noise(int count, const float *restrict normals, float *restrict gradients) {
  for (int n = 0; n < count; n++) gradients[n] += NOISE * normals[n];
}

/** Counter of the first draw for row j of the environments from `from` on. */
static inline uint32_t first_draw(const batch_t *b, int from, int j) {
  return (uint32_t)(from / BLOCK * b->dimension + j) * DRAWS;
}

static void step_batch(batch_t *b) {
  float effort[BLOCK], loss[BLOCK], normals[BLOCK];
  b->clock++;
  for (int from = 0; from < b->count; from += BLOCK) {
    const int count = b->count - from < BLOCK ? b->count - from : BLOCK;
    int over = 0;
    memset(effort, 0, sizeof effort), memset(loss, 0, sizeof loss);
    for (int j = 0; j < b->dimension; j++) {
      const size_t at = (size_t)j * b->count + from;
      step_row(count, b->curvature[j], b->parameters + at, b->minima + at, b->actions + at, b->seen_gradients + at,
               b->seen_parameters + at, effort, loss);
      if (!b->noisy) continue;
      fill_normals(NOISE_KEY, first_draw(b, from, j), b->clock, normals, normals + DRAWS);
      add_noise(count, normals, b->seen_gradients + at);
    }
    for (int n = 0; n < count; n++) {
      b->costs[from + n] = TIME_STEP * (0.5f * effort[n] + 0.5f * loss[n]);
      over |= ++b->elapsed[from + n] >= EPISODE_STEPS;
    }
    if (over) begin_ended(b, from, count);
  }
}
