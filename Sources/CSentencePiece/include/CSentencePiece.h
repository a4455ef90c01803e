#pragma once
#include <stddef.h>
#include <stdint.h>

// A C face for the C++ class sentencepiece::SentencePieceProcessor. No exception leaves it.
#ifdef __cplusplus
extern "C" {
#endif

typedef struct sp_processor sp_processor;

/// Loads a model from its serialised bytes. Returns NULL, with a message in `error`, when they are not a model.
sp_processor *sp_load(const void *bytes, size_t count, char *error, size_t error_capacity);
void sp_free(sp_processor *processor);

int32_t sp_piece_count(const sp_processor *processor);
int32_t sp_unknown_id(const sp_processor *processor);

/// The piece with this id; borrowed, valid as long as the processor. NULL when out of range.
const char *sp_piece(const sp_processor *processor, int32_t id);
/// The id of exactly this piece, or -1 where the vocabulary lacks it.
int32_t sp_piece_id(const sp_processor *processor, const char *piece);

/// Encodes UTF-8 text. The caller frees *ids with sp_free_ids. Returns the number of ids, or -1 on failure.
int64_t sp_encode(const sp_processor *processor, const char *text, size_t count, int32_t **ids);
void sp_free_ids(int32_t *ids);

/// Decodes ids into UTF-8 text. The caller frees the result with sp_free_text. Returns NULL on failure.
char *sp_decode(const sp_processor *processor, const int32_t *ids, size_t count, size_t *length);
void sp_free_text(char *text);

#ifdef __cplusplus
}
#endif
