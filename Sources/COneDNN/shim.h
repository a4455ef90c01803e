#pragma once
#include <oneapi/dnnl/dnnl.h>

// The OpenMP runtime that oneDNN was built with. Declared here because <omp.h> ships with gcc only.
void omp_set_num_threads(int);

// Function-like macros do not import into Swift.
static inline dnnl_primitive_kind_t sonarsweep_dnnl_undefined_primitive(void) { return dnnl_undefined_primitive; }
