#if defined(__x86_64__)
#define KERNELS sonarsweep_kernels_v4
#define ISA "x86-64-v4"
// The headers' functions keep their own target.
#include "CVectorKernels.h"
#include <math.h>
// Compilers prefer half of a 512-bit register unless asked for the whole.
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#include "Kernels.h"
#pragma clang attribute pop
#endif
