// Small networks applied to every coordinate alike: data [rows][lanes], a tile of lanes at a time, so that what lies
// between two layers never leaves the first cache. GCC's vectors, as wide as the target's registers.
#pragma once
#include <stdlib.h>
#include <string.h>

#include "inputs.h"

#if defined(__AVX512F__)
#define WIDTH 16
#elif defined(__AVX__)
#define WIDTH 8
#else
#define WIDTH 4
#endif
typedef float vec __attribute__((vector_size(4 * WIDTH), may_alias));
typedef int32_t bits_vec __attribute__((vector_size(4 * WIDTH), may_alias));

/** Two vectors of lanes by four outputs of accumulators. */
#define TILE (2 * WIDTH)
#define MOST_UNITS 48

static inline vec splat(float value) { return (vec){0} + value; }

static inline vec lesser(vec a, vec b) {
  const bits_vec less = a < b;
  return (vec)((less & (bits_vec)a) | (~less & (bits_vec)b));
}

/** tanh as a clamped rational function, absolute error below 5e-7 (the coefficients of Eigen and XLA). */
static inline vec tanh_vec(vec value) {
  const vec limit = splat(7.905311107635498f);
  const vec x = -lesser(-lesser(value, limit), limit);
  const vec s = x * x;
  vec p = splat(-2.76076847742355e-16f);
  p = p * s + 2.00018790482477e-13f;
  p = p * s - 8.60467152213735e-11f;
  p = p * s + 5.12229709037114e-8f;
  p = p * s + 1.48572235717979e-5f;
  p = p * s + 6.37261928875436e-4f;
  p = p * s + 4.89352455891786e-3f;
  vec q = splat(1.19825839466702e-6f);
  q = q * s + 1.18534705686654e-4f;
  q = q * s + 2.268434632439e-3f;
  q = q * s + 4.89352518554385e-3f;
  return x * p / q;
}

static inline vec sigmoid_vec(vec x) { return 0.5f + 0.5f * tanh_vec(0.5f * x); }

/** A tile of `rows` by TILE lanes. */
typedef struct {
  vec at[MOST_UNITS][2];
} tile_t;

static inline void load_tile(tile_t *tile, int row, int rows, const float *data, size_t lanes) {
  for (int i = 0; i < rows; i++) memcpy(tile->at[row + i], data + i * lanes, sizeof tile->at[0]);
}

static inline void store_tile(const tile_t *tile, int row, int rows, float *data, size_t lanes) {
  for (int i = 0; i < rows; i++) memcpy(data + i * lanes, tile->at[row + i], sizeof tile->at[0]);
}

/** Output rows `row` … = weights · input + bias; without a bias, +=. */
static inline void dense(const float *weights, const float *bias, int outputs, int inputs, const tile_t *input,
                         tile_t *output, int row) {
  int o = 0;
  for (; o + 4 <= outputs; o += 4) {
    vec sum[4][2];
    for (int k = 0; k < 4; k++)
      for (int v = 0; v < 2; v++) sum[k][v] = bias ? splat(bias[o + k]) : output->at[row + o + k][v];
    for (int i = 0; i < inputs; i++)
      for (int k = 0; k < 4; k++)
        for (int v = 0; v < 2; v++) sum[k][v] += weights[(o + k) * inputs + i] * input->at[i][v];
    memcpy(output->at[row + o], sum, sizeof sum);
  }
  for (; o < outputs; o++)
    for (int v = 0; v < 2; v++) {
      vec sum = bias ? splat(bias[o]) : output->at[row + o][v];
      for (int i = 0; i < inputs; i++) sum += weights[o * inputs + i] * input->at[i][v];
      output->at[row + o][v] = sum;
    }
}

static inline void tanh_rows(tile_t *tile, int rows) {
  for (int i = 0; i < rows; i++)
    for (int v = 0; v < 2; v++) tile->at[i][v] = tanh_vec(tile->at[i][v]);
}

typedef struct {
  int inputs, outputs, layers, hidden[2], recurrent;
  size_t lanes;
  float *parameters, *input, *output, *memory;
} network_t;

/** hₗ = tanh(Wₗ hₗ₋₁ + bₗ), output = W [h_last, x] + b. */
static void mlp_tile(const network_t *net, size_t lane) {
  tile_t x, a, b;
  tile_t *from = &x, *to = &a, *spare = &b;
  const float *w = net->parameters;
  int width = net->inputs;
  load_tile(&x, 0, width, net->input + lane, net->lanes);
  for (int l = 0; l < net->layers; l++) {
    const int units = net->hidden[l];
    dense(w, w + units * width, units, width, from, to, 0);
    tanh_rows(to, units);
    w += units * (width + 1), width = units;
    tile_t *next = l == 0 ? spare : from;
    from = to, to = next;
  }
  memcpy(from->at[width], x.at, sizeof x.at[0] * net->inputs);
  width += net->inputs;
  dense(w, w + net->outputs * width, net->outputs, width, from, to, 0);
  store_tile(to, 0, net->outputs, net->output + lane, net->lanes);
}

/** A gated recurrent unit; see agents/policies/gru-network.ts for the equations and the order of the weights. */
static void gru_tile(const network_t *net, size_t lane) {
  const int units = net->hidden[0], inputs = net->inputs;
  const float *w_n = net->parameters, *w_rz = w_n + units * inputs, *u_rzq = w_rz + 2 * units * inputs;
  const float *b_n = u_rzq + 3 * units * units, *b_rzq = b_n + units, *w = b_rzq + 3 * units;
  tile_t x, h, n, rzq, out;
  load_tile(&x, 0, inputs, net->input + lane, net->lanes);
  load_tile(&h, 0, units, net->memory + lane, net->lanes);
  dense(w_n, b_n, units, inputs, &x, &n, 0);
  dense(u_rzq, b_rzq, 3 * units, units, &h, &rzq, 0);
  dense(w_rz, NULL, 2 * units, inputs, &x, &rzq, 0);
  for (int i = 0; i < units; i++)
    for (int v = 0; v < 2; v++) {
      const vec r = sigmoid_vec(rzq.at[i][v]), z = sigmoid_vec(rzq.at[units + i][v]);
      const vec candidate = tanh_vec(n.at[i][v] + r * rzq.at[2 * units + i][v]);
      h.at[i][v] = candidate + z * (h.at[i][v] - candidate);
    }
  store_tile(&h, 0, units, net->memory + lane, net->lanes);
  memcpy(h.at[units], x.at, sizeof x.at[0] * inputs);
  dense(w, w + net->outputs * (units + inputs), net->outputs, units + inputs, &h, &out, 0);
  store_tile(&out, 0, net->outputs, net->output + lane, net->lanes);
}

static void forward(const network_t *net) {
  for (size_t lane = 0; lane < net->lanes; lane += TILE) {
    if (net->recurrent) gru_tile(net, lane);
    else mlp_tile(net, lane);
  }
}

/** "mlp-16", "mlp-32-32", "gru-16", …; `lanes` a multiple of TILE. NULL when there is no such network. */
static network_t *new_network(const char *name, int lanes) {
  network_t *net = calloc(1, sizeof *net);
  net->recurrent = strncmp(name, "gru-", 4) == 0;
  net->layers = sscanf(name + 4, "%d-%d", net->hidden, net->hidden + 1);
  if (lanes % TILE || net->layers < 1 || net->hidden[0] > 32 || net->hidden[1] > 32) return NULL;
  net->inputs = 8, net->outputs = 2, net->lanes = (size_t)lanes;
  const size_t most = 4096;
  net->parameters = floats(most), net->input = floats(8 * net->lanes), net->output = floats(2 * net->lanes);
  net->memory = floats(32 * net->lanes);
  for (size_t i = 0; i < most; i++) net->parameters[i] = 0.3f * (float)input_value((int64_t)i, WEIGHTS);
  for (size_t i = 0; i < 8 * net->lanes; i++) net->input[i] = (float)input_value((int64_t)i, FEATURES);
  return net;
}

static void free_network(network_t *net) {
  free(net->parameters), free(net->input), free(net->output), free(net->memory), free(net);
}
