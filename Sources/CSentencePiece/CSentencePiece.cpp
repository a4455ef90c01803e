#include "CSentencePiece.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <sentencepiece_processor.h>
#include <string>
#include <vector>

struct sp_processor {
  sentencepiece::SentencePieceProcessor impl;
};

extern "C" {

sp_processor *sp_load(const void *bytes, size_t count, char *error, size_t error_capacity) {
  try {
    auto processor = std::make_unique<sp_processor>();
    const auto status = processor->impl.LoadFromSerializedProto({static_cast<const char *>(bytes), count});
    if (status.ok()) return processor.release();
    std::strncpy(error, status.ToString().c_str(), error_capacity - 1);
  } catch (const std::exception &failure) {
    std::strncpy(error, failure.what(), error_capacity - 1);
  }
  error[error_capacity - 1] = 0;
  return nullptr;
}

void sp_free(sp_processor *processor) { delete processor; }

int32_t sp_piece_count(const sp_processor *processor) { return processor->impl.GetPieceSize(); }

int32_t sp_unknown_id(const sp_processor *processor) { return processor->impl.unk_id(); }

const char *sp_piece(const sp_processor *processor, int32_t id) {
  if (id < 0 || id >= processor->impl.GetPieceSize()) return nullptr;
  return processor->impl.IdToPiece(id).c_str();
}

int32_t sp_piece_id(const sp_processor *processor, const char *piece) {
  const int32_t id = processor->impl.PieceToId(piece);
  return id >= 0 && processor->impl.IdToPiece(id) == piece ? id : -1;
}

int64_t sp_encode(const sp_processor *processor, const char *text, size_t count, int32_t **ids) {
  try {
    std::vector<int> pieces;
    if (!processor->impl.Encode({text, count}, &pieces).ok()) return -1;
    *ids = static_cast<int32_t *>(std::malloc(pieces.size() * sizeof(int32_t) + 1));
    if (*ids == nullptr) return -1;
    std::copy(pieces.begin(), pieces.end(), *ids);
    return static_cast<int64_t>(pieces.size());
  } catch (const std::exception &) {
    return -1;
  }
}

void sp_free_ids(int32_t *ids) { std::free(ids); }

char *sp_decode(const sp_processor *processor, const int32_t *ids, size_t count, size_t *length) {
  try {
    std::string text;
    if (!processor->impl.Decode(std::vector<int>(ids, ids + count), &text).ok()) return nullptr;
    char *copy = static_cast<char *>(std::malloc(text.size() + 1));
    if (copy == nullptr) return nullptr;
    std::memcpy(copy, text.data(), text.size());
    copy[text.size()] = 0;
    *length = text.size();
    return copy;
  } catch (const std::exception &) {
    return nullptr;
  }
}

void sp_free_text(char *text) { std::free(text); }
}
