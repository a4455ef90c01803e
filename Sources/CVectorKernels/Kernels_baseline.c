#define KERNELS sonarsweep_kernels_baseline
#define ISA "baseline"
#include "Kernels.h"
