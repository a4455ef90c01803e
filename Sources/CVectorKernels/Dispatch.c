#include "CVectorKernels.h"

extern const SonarsweepKernels sonarsweep_kernels_baseline, sonarsweep_kernels_v3, sonarsweep_kernels_v4;

const SonarsweepKernels *sonarsweep_kernels_at(int level) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (level == 2) return __builtin_cpu_supports("x86-64-v4") ? &sonarsweep_kernels_v4 : NULL;
  if (level == 1) return __builtin_cpu_supports("x86-64-v3") ? &sonarsweep_kernels_v3 : NULL;
#endif
  return level == 0 ? &sonarsweep_kernels_baseline : NULL;
}

const SonarsweepKernels *sonarsweep_kernels(void) {
  const SonarsweepKernels *best = &sonarsweep_kernels_baseline;
  for (int level = 1; level <= 2; level++) {
    const SonarsweepKernels *kernels = sonarsweep_kernels_at(level);
    if (kernels) best = kernels;
  }
  return best;
}
