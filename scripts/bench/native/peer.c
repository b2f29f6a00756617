// A process that answers one line for each line it is asked, and ends with its input:
//
//     step noisy dimension count iterations   → nanoseconds iterations
//     trace dimension count steps             → cost, seen gradient and parameters of each of 8 environments
//     moments dimension count steps           → mean and variance of the noise, in units of its standard deviation
//     policy name lanes iterations            → nanoseconds iterations
//     outputs name lanes steps                → both outputs of each of the first 8 lanes
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "step.h"
#include "policy.h"

/** Processor time: on a shared machine the clock on the wall tells of others. */
static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/** The batch of the last row stays, so that repeats go on where it was. */
static batch_t *batch_of(int noisy, int dimension, int count) {
  static batch_t *last;
  if (last && last->noisy == noisy && last->dimension == dimension && last->count == count) return last;
  if (last) free_batch(last);
  return last = new_batch(count, dimension, noisy);
}

static void time_steps(int noisy, int dimension, int count, long iterations) {
  batch_t *b = batch_of(noisy, dimension, count);
  const long long begun = now();
  for (long i = 0; i < iterations; i++) step_batch(b);
  printf("%lld %ld\n", now() - begun, iterations);
}

static void trace(int dimension, int count, int steps) {
  batch_t *b = new_batch(count, dimension, 0);
  for (int i = 0; i < steps; i++) step_batch(b);
  for (int k = 0; k < 8; k++) {
    const int n = k < 4 ? k : count - 8 + k;
    printf("%.9g ", b->costs[n]);
    for (int j = 0; j < dimension; j++) printf("%.9g ", b->seen_gradients[(size_t)j * count + n]);
    for (int j = 0; j < dimension; j++) printf("%.9g ", b->seen_parameters[(size_t)j * count + n]);
  }
  printf("\n");
  free_batch(b);
}

static void moments(int dimension, int count, int steps) {
  batch_t *b = new_batch(count, dimension, 1);
  double sum = 0, squares = 0;
  for (int i = 0; i < steps; i++) {
    step_batch(b);
    for (int j = 0; j < dimension; j++)
      for (int n = 0; n < count; n++) {
        const size_t at = (size_t)j * count + n;
        const double slope = b->curvature[j] * (b->parameters[at] - b->minima[at]);
        const double noise = (b->seen_gradients[at] - slope) / NOISE;
        sum += noise, squares += noise * noise;
      }
  }
  const double draws = (double)steps * count * dimension;
  printf("%.9g %.9g\n", sum / draws, squares / draws - sum / draws * (sum / draws));
  free_batch(b);
}

static network_t *network_of(const char *name, int lanes) {
  static network_t *last;
  static char last_name[32];
  if (last && strcmp(last_name, name) == 0 && last->lanes == (size_t)lanes) return last;
  if (last) free_network(last);
  snprintf(last_name, sizeof last_name, "%s", name);
  return last = new_network(name, lanes);
}

static void time_network(const char *name, int lanes, long iterations) {
  network_t *net = network_of(name, lanes);
  if (!net) exit(3);
  const long long begun = now();
  for (long i = 0; i < iterations; i++) forward(net);
  printf("%lld %ld\n", now() - begun, iterations);
}

static void outputs(const char *name, int lanes, int steps) {
  network_t *net = new_network(name, lanes);
  if (!net) exit(3);
  for (int i = 0; i < steps; i++) forward(net);
  for (int lane = 0; lane < 8; lane++) printf("%.9g %.9g ", net->output[lane], net->output[net->lanes + lane]);
  printf("\n");
  free_network(net);
}

int main(void) {
  char line[128], name[32];
  int a, b, c;
  long iterations;
  signal(SIGINT, SIG_IGN);
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, "step %d %d %d %ld", &a, &b, &c, &iterations) == 4) time_steps(a, b, c, iterations);
    else if (sscanf(line, "trace %d %d %d", &a, &b, &c) == 3) trace(a, b, c);
    else if (sscanf(line, "moments %d %d %d", &a, &b, &c) == 3) moments(a, b, c);
    else if (sscanf(line, "policy %31s %d %ld", name, &a, &iterations) == 3) time_network(name, a, iterations);
    else if (sscanf(line, "outputs %31s %d %d", name, &a, &b) == 3) outputs(name, a, b);
    else return 2;
    fflush(stdout);
  }
  return 0;
}
