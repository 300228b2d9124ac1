// The bodies of /predict-batch that are lines, CSV and NDJSON, through the engine of `vigie score`: each row with its
// scores, as it stands where the answer has the form of the body, a bad one with what is wrong in its place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/answer_form.h"
#include "decision/batch.h"
#include "decision/card_service.h"
#include "decision/decision_metrics.h"
#include "http/message.h"
#include "http/stream.h"

namespace vigie::api {

inline constexpr std::uint64_t kBatchBodyLimit = std::uint64_t{64} << 20;    // held whole
inline constexpr std::uint64_t kStreamedBodyLimit = std::uint64_t{1} << 40;  // more is a mistake
// Scores never double a row, so that only bad rows without end lead here, and much CSV that is to be JSON.
inline constexpr std::uint64_t kMostAnswerBytes = 2 * kBatchBodyLimit;
// Each bad row of a CSV repeats the delimiters of its header and the name of the field that is bad.
inline constexpr std::size_t kMostColumns = 512;
inline constexpr std::size_t kLongestColumnName = 256;  // bytes

enum class LineForm : std::uint8_t { kCsv, kNdjson };

const std::vector<std::string>& media_types(LineForm form);
BatchMedia own_form(LineForm form);
std::optional<LineForm> line_form(std::string_view content_type);

struct LineOptions {
  LineForm form = LineForm::kCsv;
  AnswerForm answer;
  bool fails = false;  // one 422 where any row is bad, and without bad rows the very bytes that `vigie score` writes
  bool french = false;
};

// A body that is held whole. Counts the decisions that were told: none where the body was refused.
void answer_lines(const decision::CardService& service, const LineOptions& options, std::string_view body,
                  decision::DecisionMetrics& metrics, http::Response& response);

// A body of any size, in constant memory: rows are answered while others come. What makes a body unreadable is told by
// its status while nothing was answered; later the connection is cut. With `fails` the body is held whole, up to
// kBatchBodyLimit.
void stream_lines(const decision::CardService& service, const LineOptions& options, http::BodyReader& body,
                  decision::DecisionMetrics& metrics, http::ResponseStream& answer);

}  // namespace vigie::api
