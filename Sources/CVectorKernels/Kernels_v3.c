#if defined(__x86_64__)
#define KERNELS sonarsweep_kernels_v3
#define ISA "x86-64-v3"
// The headers' functions keep their own target.
#include "CVectorKernels.h"
#include <math.h>
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "Kernels.h"
#pragma clang attribute pop
#endif
