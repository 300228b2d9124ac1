// The bodies of /predict-batch that are lines, CSV and NDJSON, through the engine of `vigie score`: the answer is in
// the form of the body, each row as it stands with its scores, a bad one with what is wrong in its place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decision/batch.h"
#include "decision/card_service.h"
#include "http/message.h"

namespace vigie::api {

inline constexpr std::uint64_t kBatchBodyLimit = std::uint64_t{64} << 20;
// Scores never double a row, so that only bad rows without end lead here.
inline constexpr std::uint64_t kMostAnswerBytes = 2 * kBatchBodyLimit;
// Each bad row of a CSV repeats the delimiters of its header and the name of the field that is bad.
inline constexpr std::size_t kMostColumns = 512;
inline constexpr std::size_t kLongestColumnName = 256;  // bytes

enum class LineForm : std::uint8_t { kCsv, kNdjson };

const std::vector<std::string>& media_types(LineForm form);
std::optional<LineForm> line_form(std::string_view content_type);

// Returns what was answered: nothing where the body was refused. `fails`: one 422 where any row is bad, and without bad
// rows the very bytes that `vigie score` writes.
decision::BatchReport answer_lines(const decision::CardService& service, LineForm form, std::string_view body,
                                   bool fails, bool french, http::Response& response);

}  // namespace vigie::api
