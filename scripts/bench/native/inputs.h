// The numbers that every column is given, so that results can be compared: see scripts/bench/inputs.ts.
#pragma once
#include <stdint.h>

/** A number in [-1, 1) for each index, exact in float32 up to rounding. */
static inline double input_value(int64_t index, int64_t salt) {
  return (double)((index * 7919 + salt) % 1000) / 500.0 - 1.0;
}

enum { MINIMA = 13, ACTIONS = 29, WEIGHTS = 41, FEATURES = 57 };

static inline float curvature_of(int j) { return 0.5f + (float)(j % 8) / 8.0f; }

static const float TIME_STEP = 0.1f;
static const float NOISE = 0.5f;
static const float ACTION_SCALE = 0.2f;
static const int EPISODE_STEPS = 200;
