#include "CVectorKernels.h"

extern const SonarsweepKernels sonarsweep_kernels_baseline, sonarsweep_kernels_v3, sonarsweep_kernels_v4;

const SonarsweepKernels *sonarsweep_kernels(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return &sonarsweep_kernels_v4;
  if (__builtin_cpu_supports("x86-64-v3")) return &sonarsweep_kernels_v3;
#endif
  return &sonarsweep_kernels_baseline;
}
