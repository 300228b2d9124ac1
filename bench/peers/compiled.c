/* Calls a TL2cgen library's predict() row by row, so that what is timed is the compiled model and not Python.
   argv: library, rows (float32, row-major), features, repeats. Prints ns/row of each repeat, then the last scores' sum. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

union Entry {
  int32_t missing;
  float fvalue;
  int32_t qvalue;
};
typedef void (*Predict)(union Entry*, int, float*);

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  void* library = dlopen(argv[1], RTLD_NOW);
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  Predict predict = (Predict)dlsym(library, "predict");
  const size_t features = strtoul(argv[3], NULL, 10);
  FILE* file = fopen(argv[2], "rb");
  if (predict == NULL || file == NULL) return 1;
  fseek(file, 0, SEEK_END);
  const size_t count = (size_t)ftell(file) / sizeof(float) / features;
  rewind(file);
  union Entry* rows = malloc(count * features * sizeof *rows);
  if (rows == NULL || fread(rows, sizeof *rows, count * features, file) != count * features) return 1;
  double sum = 0;
  for (long repeat = strtol(argv[4], NULL, 10); repeat > 0; --repeat) {
    sum = 0;
    const double start = now();
    for (size_t i = 0; i < count; ++i) {
      float score = 0;
      predict(rows + i * features, 0, &score);
      sum += (double)score;
    }
    printf("%.3f\n", (now() - start) / (double)count);
  }
  printf("sum %.9f\n", sum);
  return 0;
}
