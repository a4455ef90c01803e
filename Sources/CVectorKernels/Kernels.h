// The kernels' one source. Each Kernels_*.c sets KERNELS (the table's name) and ISA, turns its instruction set on and
// includes this file. Sixteen lanes are one AVX-512 register, two of AVX or four of SSE.
#include "CVectorKernels.h"
#include <math.h>

enum { lanes = 16 };
typedef float Floats __attribute__((ext_vector_type(16)));
typedef int32_t Ints __attribute__((ext_vector_type(16)));
typedef uint32_t Words __attribute__((ext_vector_type(16)));
typedef uint16_t Halves __attribute__((ext_vector_type(16)));
typedef int8_t Bytes __attribute__((ext_vector_type(16)));

// Loads and stores of any alignment.
typedef float UnalignedFloats __attribute__((ext_vector_type(16), aligned(4)));
typedef int32_t UnalignedInts __attribute__((ext_vector_type(16), aligned(4)));
typedef uint16_t UnalignedHalves __attribute__((ext_vector_type(16), aligned(2)));
typedef int8_t UnalignedBytes __attribute__((ext_vector_type(16), aligned(1)));

#define LOAD(p) (*(const UnalignedFloats *)(p))
#define STORE(p, v) (*(UnalignedFloats *)(p) = (v))
#define SPLAT(x) ((Floats)(x))
/// The same bits as lanes of another type.
#define BITS(type, v) ((type)(v))

/// Σ of the lanes, halving: the same order on every instruction set.
static inline float sum_of(const Floats *v) {
  typedef float Eight __attribute__((ext_vector_type(8)));
  typedef float Four __attribute__((ext_vector_type(4)));
  Eight eight = v->lo + v->hi;
  Four four = eight.lo + eight.hi;
  return (four.x + four.z) + (four.y + four.w);
}

/// Sixteen bfloat16 values.
static inline void widen(const uint16_t *p, Floats *v) {
  Words bits = __builtin_convertvector(*(const UnalignedHalves *)p, Words) << 16;
  *v = BITS(Floats, bits);
}

static inline float widen_one(uint16_t x) {
  union { uint32_t bits; float value; } u = { (uint32_t)x << 16 };
  return u.value;
}

static void add_scaled(float a, const float *x, size_t count, float *y) {
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) STORE(y + i, LOAD(y + i) + LOAD(x + i) * a);
  for (; i < count; i++) y[i] += a * x[i];
}

static float maximum(const float *x, size_t count) {
  Floats best = SPLAT(-INFINITY);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) best = __builtin_elementwise_max(best, LOAD(x + i));
  float result = __builtin_reduce_max(best);
  for (; i < count; i++) result = x[i] > result ? x[i] : result;
  return result;
}

/// e^x in place, for x <= 0, to about 2 units in the last place; 0 below -87.
///
/// x = n ln 2 + r with |r| <= ln 2 / 2, a polynomial for e^r (coefficients: Cephes `expf`), and 2^n by its bits.
static inline void exp_of(Floats *v) {
  const float rounder = 12582912.0f;  // 1.5 × 2^23: adding and subtracting it rounds to the nearest integer
  Floats x = __builtin_elementwise_max(*v, SPLAT(-88.0f));
  Floats shifted = x * 1.44269504f + rounder;
  Floats n = shifted - rounder;
  Floats r = (x - n * 0.693359375f) + n * 2.1219444e-4f;
  Floats p = r * 1.98756915e-4f + 1.39819995e-3f;
  p = p * r + 8.3334519e-3f;
  p = p * r + 4.1665796e-2f;
  p = p * r + 1.66666655e-1f;
  p = p * r + 0.5f;
  p = p * r * r + r + 1.0f;
  // n still stands in the low bits of `shifted`, so no conversion is needed.
  Ints power = ((BITS(Ints, shifted) - 0x4B400000) + 127) << 23;
  Floats result = p * BITS(Floats, power);
  Ints keep = *v >= SPLAT(-87.0f);
  *v = BITS(Floats, BITS(Ints, result) & keep);
}

static float sum_exp(const float *x, float shift, size_t count) {
  Floats sum = SPLAT(0.0f);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    Floats value = LOAD(x + i) - shift;
    exp_of(&value);
    sum += value;
  }
  if (i < count) {
    Floats tail = SPLAT(-INFINITY);
    for (size_t j = i; j < count; j++) tail[j - i] = x[j] - shift;
    exp_of(&tail);
    sum += tail;
  }
  return sum_of(&sum);
}

/// Replaces x by e^(x - max x) and returns the sum. Reads and writes `count` rounded up to whole lanes.
static float soften(float *x, size_t count) {
  float shift = maximum(x, count);
  for (size_t i = count; i % lanes != 0; i++) x[i] = -INFINITY;
  Floats sum = SPLAT(0.0f);
  for (size_t i = 0; i < count; i += lanes) {
    Floats value = LOAD(x + i) - shift;
    exp_of(&value);
    STORE(x + i, value);
    sum += value;
  }
  return sum_of(&sum);
}

static void layer_norm(
    const float *x, const float *weight, const float *bias, float epsilon, size_t count, float *y) {
  Floats sum = SPLAT(0.0f);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) sum += LOAD(x + i);
  float mean = sum_of(&sum);
  for (; i < count; i++) mean += x[i];
  mean /= (float)count;

  Floats squares = SPLAT(0.0f);
  for (i = 0; i + lanes <= count; i += lanes) {
    Floats centred = LOAD(x + i) - mean;
    squares += centred * centred;
  }
  float variance = sum_of(&squares);
  for (; i < count; i++) variance += (x[i] - mean) * (x[i] - mean);
  float scale = 1.0f / sqrtf(variance / (float)count + epsilon);

  for (i = 0; i + lanes <= count; i += lanes)
    STORE(y + i, (LOAD(x + i) - mean) * scale * LOAD(weight + i) + LOAD(bias + i));
  for (; i < count; i++) y[i] = (x[i] - mean) * scale * weight[i] + bias[i];
}

static inline uint16_t bfloat16_of(float x) {
  union { float value; uint32_t bits; } u = { x };
  // Rounding the bits of a NaN could make it an infinity.
  if (x != x) return (uint16_t)((u.bits >> 16) | 0x40);
  return (uint16_t)((u.bits + 0x7FFF + ((u.bits >> 16) & 1)) >> 16);
}

static void to_bfloat16(const float *x, size_t count, uint16_t *y) {
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    Floats value = LOAD(x + i);
    Words bits = BITS(Words, value);
    Words rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
    Words nan = BITS(Words, value != value);
    rounded = (rounded & ~nan) | (((bits >> 16) | 0x40) & nan);
    *(UnalignedHalves *)(y + i) = __builtin_convertvector(rounded, Halves);
  }
  for (; i < count; i++) y[i] = bfloat16_of(x[i]);
}

static void widen_float16(const uint16_t *x, size_t count, float *y) {
  for (size_t i = 0; i < count; i += lanes) {
    Halves halves = 0;
    if (i + lanes <= count) halves = *(const UnalignedHalves *)(x + i);
    else for (size_t j = i; j < count; j++) halves[j - i] = x[j];
    Words word = __builtin_convertvector(halves, Words);
    // The exponent's bias differs by 112; multiplying sets that right for subnormal numbers too.
    Floats magnitude = BITS(Floats, (word & 0x7FFF) << 13) * 0x1p112f;
    Words special = BITS(Words, (word & 0x7C00) == 0x7C00) & 0x7F800000;
    Floats value = BITS(Floats, BITS(Words, magnitude) | special | (word & 0x8000) << 16);
    if (i + lanes <= count) STORE(y + i, value);
    else for (size_t j = i; j < count; j++) y[j] = value[j - i];
  }
}

static float quantize(const float *x, size_t count, int8_t *y) {
  const float rounder = 12582912.0f;
  Floats largest = SPLAT(0.0f);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    largest = __builtin_elementwise_max(largest, __builtin_elementwise_abs(LOAD(x + i)));
  float bound = __builtin_reduce_max(largest);
  for (; i < count; i++) bound = fabsf(x[i]) > bound ? fabsf(x[i]) : bound;

  float scale = bound / 127.0f;
  float inverse = scale > 0 ? 1.0f / scale : 0.0f;
  for (i = 0; i + lanes <= count; i += lanes) {
    Floats rounded = LOAD(x + i) * inverse + rounder;
    Ints whole = BITS(Ints, rounded) - 0x4B400000;
    *(UnalignedBytes *)(y + i) = __builtin_convertvector(whole, Bytes);
  }
  for (; i < count; i++) {
    float rounded = x[i] * inverse + rounder;
    y[i] = (int8_t)(int32_t)(rounded - rounder);
  }
  return scale;
}

static void dequantize(
    const int32_t *sums, float row_scale, const float *column_scales, const float *bias,
    SonarsweepDequantizeMode mode, size_t count, float *y) {
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    Floats value = __builtin_convertvector(*(const UnalignedInts *)(sums + i), Floats);
    value = value * (LOAD(column_scales + i) * row_scale);
    if (bias) value += LOAD(bias + i);
    if (mode == SonarsweepDequantizeReLU) value = __builtin_elementwise_max(value, SPLAT(0.0f));
    if (mode == SonarsweepDequantizeAdd) value += LOAD(y + i);
    STORE(y + i, value);
  }
  for (; i < count; i++) {
    float value = (float)sums[i] * (column_scales[i] * row_scale);
    if (bias) value += bias[i];
    if (mode == SonarsweepDequantizeReLU) value = value > 0 ? value : 0;
    y[i] = mode == SonarsweepDequantizeAdd ? y[i] + value : value;
  }
}

/// scores[q][j] = scale * queries[q] · keys[j] for `rows` (1 to 4) queries; keys are transposed, [head_width, padded].
static inline void score_rows(
    const float *query, size_t stride, int rows, const float *keys, size_t padded, size_t head_width, float scale,
    float *scores) {
  for (size_t j = 0; j < padded; j += lanes) {
    Floats sum[4] = { SPLAT(0.0f), SPLAT(0.0f), SPLAT(0.0f), SPLAT(0.0f) };
    for (size_t d = 0; d < head_width; d++) {
      Floats key = LOAD(keys + d * padded + j);
      for (int q = 0; q < rows; q++) sum[q] += key * query[q * stride + d];
    }
    for (int q = 0; q < rows; q++) STORE(scores + q * padded + j, sum[q] * scale);
  }
}

/// output[q] = Σ_j weights[q][j] * values[j] / total[q] over one head's columns, for `rows` (1 to 4) queries.
static inline void mix_rows(
    const float *weights, size_t padded, const float *total, int rows, const float *values, size_t value_stride,
    size_t length, size_t head_width, float *output, size_t output_stride) {
  size_t d = 0;
  for (; d + lanes <= head_width; d += lanes) {
    Floats sum[4] = { SPLAT(0.0f), SPLAT(0.0f), SPLAT(0.0f), SPLAT(0.0f) };
    for (size_t j = 0; j < length; j++) {
      Floats value = LOAD(values + j * value_stride + d);
      for (int q = 0; q < rows; q++) sum[q] += value * weights[q * padded + j];
    }
    for (int q = 0; q < rows; q++) STORE(output + q * output_stride + d, sum[q] * (1.0f / total[q]));
  }
  for (; d < head_width; d++)
    for (int q = 0; q < rows; q++) {
      float sum = 0;
      for (size_t j = 0; j < length; j++) sum += weights[q * padded + j] * values[j * value_stride + d];
      output[q * output_stride + d] = sum * (1.0f / total[q]);
    }
}

static void attention(
    const float *qkv, size_t length, size_t heads, size_t head_width, float *scratch, float *output) {
  size_t width = heads * head_width, stride = 3 * width;
  size_t padded = (length + lanes - 1) / lanes * lanes;
  float *keys = scratch, *scores = scratch + padded * head_width;
  float scale = 1.0f / sqrtf((float)head_width);
  for (size_t head = 0; head < heads; head++) {
    const float *queries = qkv + head * head_width, *values = queries + 2 * width;
    for (size_t d = 0; d < head_width; d++) {
      for (size_t j = 0; j < length; j++) keys[d * padded + j] = queries[width + j * stride + d];
      for (size_t j = length; j < padded; j++) keys[d * padded + j] = 0;
    }
    for (size_t i = 0; i < length; i += 4) {
      const float *query = queries + i * stride;
      float *target = output + i * width + head * head_width;
      float total[4];
      // Constant counts let the compiler keep the sums in registers.
      if (length - i >= 4) {
        score_rows(query, stride, 4, keys, padded, head_width, scale, scores);
        for (int q = 0; q < 4; q++) total[q] = soften(scores + q * padded, length);
        mix_rows(scores, padded, total, 4, values, stride, length, head_width, target, width);
      } else {
        for (size_t q = 0; q < length - i; q++) {
          score_rows(query + q * stride, stride, 1, keys, padded, head_width, scale, scores);
          total[0] = soften(scores, length);
          mix_rows(scores, padded, total, 1, values, stride, length, head_width, target + q * width, width);
        }
      }
    }
  }
}

/// Sixteen or one of a cache entry's values, which are bfloat16 where `halves`.
static inline void cached(const void *entry, size_t i, int halves, Floats *v) {
  if (halves) widen((const uint16_t *)entry + i, v);
  else *v = LOAD((const float *)entry + i);
}

static inline float cached_one(const void *entry, size_t i, int halves) {
  return halves ? widen_one(((const uint16_t *)entry)[i]) : ((const float *)entry)[i];
}

static inline void attend(
    const float *query, const void *const *entries, size_t length, size_t heads, size_t head_width, int halves,
    float *scratch, float *output) {
  size_t width = heads * head_width;
  float scale = 1.0f / sqrtf((float)head_width);
  Floats value;
  for (size_t column = 0; column < width; column += head_width) {
    for (size_t t = 0; t < length; t++) {
      Floats sum = SPLAT(0.0f);
      size_t d = 0;
      for (; d + lanes <= head_width; d += lanes) {
        cached(entries[t], column + d, halves, &value);
        sum += LOAD(query + column + d) * value;
      }
      float product = sum_of(&sum);
      for (; d < head_width; d++) product += query[column + d] * cached_one(entries[t], column + d, halves);
      scratch[t] = product * scale;
    }
    float inverse = 1.0f / soften(scratch, length);
    size_t d = 0;
    for (; d + lanes <= head_width; d += lanes) {
      Floats sum = SPLAT(0.0f);
      for (size_t t = 0; t < length; t++) {
        cached(entries[t], width + column + d, halves, &value);
        sum += value * scratch[t];
      }
      STORE(output + column + d, sum * inverse);
    }
    for (; d < head_width; d++) {
      float sum = 0;
      for (size_t t = 0; t < length; t++) sum += scratch[t] * cached_one(entries[t], width + column + d, halves);
      output[column + d] = sum * inverse;
    }
  }
}

static void attention_step(
    const float *query, const void *const *entries, size_t length, size_t heads, size_t head_width, int halves,
    float *scratch, float *output) {
  // Constant flags make two loops of one.
  if (halves) attend(query, entries, length, heads, head_width, 1, scratch, output);
  else attend(query, entries, length, heads, head_width, 0, scratch, output);
}

static size_t first_above(const float *x, float threshold, size_t start, size_t count) {
  size_t i = start;
  for (; i + lanes <= count; i += lanes) {
    Ints above = LOAD(x + i) > SPLAT(threshold);
    if (__builtin_reduce_or(above)) break;
  }
  for (; i < count; i++)
    if (x[i] > threshold) return i;
  return count;
}

const SonarsweepKernels KERNELS = {
  .name = ISA,
  .layer_norm = layer_norm,
  .to_bfloat16 = to_bfloat16,
  .widen_float16 = widen_float16,
  .quantize = quantize,
  .dequantize = dequantize,
  .add_scaled = add_scaled,
  .attention = attention,
  .attention_step = attention_step,
  .maximum = maximum,
  .sum_exp = sum_exp,
  .first_above = first_above,
};
