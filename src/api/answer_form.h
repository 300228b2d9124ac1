// In which form /predict-batch answers: the one that Accept likes best, the body's own of those that it likes as much
// (RFC 9110, 12.5.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace vigie::api {

enum class BatchMedia : std::uint8_t { kJson, kNdjson, kCsv };

struct AnswerForm {
  BatchMedia form;
  std::string_view content_type;
};

// Nothing where `accept` takes none that a body in `own` can be answered in. Only CSV is answered in CSV: its columns
// stand before all rows, and JSON objects may have others each.
std::optional<AnswerForm> choose_answer(std::string_view accept, BatchMedia own);

// For a refusal: what can be asked for.
std::string_view answers_offered(BatchMedia own);

}  // namespace vigie::api
