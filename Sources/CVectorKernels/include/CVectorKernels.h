#pragma once
#include <stddef.h>
#include <stdint.h>

// Row kernels of the engine, compiled for several instruction sets: Swift has no per-function targets, and a program
// built for the machine it was compiled on would not run on the next one.
//
// Every function treats one row (or one sequence) by itself and sums in a fixed order, so a row's bits depend on that
// row alone. Pointers need no alignment; `count` is in elements.

typedef enum { SonarsweepDequantizeStore, SonarsweepDequantizeReLU, SonarsweepDequantizeAdd } SonarsweepDequantizeMode;

typedef struct {
  /// The instruction set: "x86-64-v4" (AVX-512), "x86-64-v3" (AVX2) or "baseline".
  const char *_Nonnull name;

  /// y = (x - mean) / sqrt(variance + epsilon) * weight + bias. x and y may be the same.
  void (*_Nonnull layer_norm)(
      const float *_Nonnull x, const float *_Nonnull weight, const float *_Nonnull bias, float epsilon, size_t count,
      float *_Nonnull y);

  /// Rounds to bfloat16, to nearest, ties to even.
  void (*_Nonnull to_bfloat16)(const float *_Nonnull x, size_t count, uint16_t *_Nonnull y);

  /// IEEE 754 binary16 to float32, exactly.
  void (*_Nonnull widen_float16)(const uint16_t *_Nonnull x, size_t count, float *_Nonnull y);

  /// y = round(x / s) with s = max |x| / 127; returns s (0 for a row of zeros).
  float (*_Nonnull quantize)(const float *_Nonnull x, size_t count, int8_t *_Nonnull y);

  /// v = sums * row_scale * column_scales + bias; then y = v, y = max(v, 0) or y += v as `mode` says.
  void (*_Nonnull dequantize)(
      const int32_t *_Nonnull sums, float row_scale, const float *_Nonnull column_scales, const float *_Nullable bias,
      SonarsweepDequantizeMode mode, size_t count, float *_Nonnull y);

  /// y += a * x
  void (*_Nonnull add_scaled)(float a, const float *_Nonnull x, size_t count, float *_Nonnull y);

  /// Self-attention of one sequence. `qkv` is [length, 3 × heads × head_width], `output` [length, heads × head_width];
  /// `scratch` holds sonarsweep_attention_scratch(length, head_width) floats.
  void (*_Nonnull attention)(
      const float *_Nonnull qkv, size_t length, size_t heads, size_t head_width, float *_Nonnull scratch,
      float *_Nonnull output);

  /// Attention of one query, [heads × head_width], over `length` cached tokens. An entry is a token's key followed by
  /// its value, bfloat16 where `halves` and else float32. `scratch` holds sonarsweep_attention_scratch(length, 1) floats.
  void (*_Nonnull attention_step)(
      const float *_Nonnull query, const void *_Nonnull const *_Nonnull entries, size_t length, size_t heads,
      size_t head_width, int halves, float *_Nonnull scratch, float *_Nonnull output);

  /// The largest value; -infinity for none.
  float (*_Nonnull maximum)(const float *_Nonnull x, size_t count);

  /// Σ e^(x - shift), for shift >= max x.
  float (*_Nonnull sum_exp)(const float *_Nonnull x, float shift, size_t count);

  /// The first index from `start` on whose value is above `threshold`; `count` when there is none.
  size_t (*_Nonnull first_above)(const float *_Nonnull x, float threshold, size_t start, size_t count);
} SonarsweepKernels;

/// The kernels for the best instruction set this processor has.
const SonarsweepKernels *_Nonnull sonarsweep_kernels(void);

/// The kernels for one instruction set, 0 (baseline) to 2 (x86-64-v4); NULL where this processor does not have it.
const SonarsweepKernels *_Nullable sonarsweep_kernels_at(int level);

static inline size_t sonarsweep_attention_scratch(size_t length, size_t head_width) {
  size_t padded = (length + 15) / 16 * 16;
  return padded * head_width + 4 * padded;
}
