#include "http/compression.h"

#include <algorithm>
#include <array>
#include <utility>

#include "http/media_range.h"

namespace vigie::http {
namespace {

// Smaller and quicker than the others comes first.
constexpr std::array<Coding, 3> kCodings = {Coding::kZstd, Coding::kBrotli, Coding::kGzip};

constexpr std::string_view kVaries = "Accept-Encoding";

// Where the value of the first field of that name stands in `lines`; nothing where there is none, or an empty one.
std::optional<Slice> find_value(std::string_view lines, std::string_view name) {
  std::size_t at = 0;
  while (at < lines.size()) {
    const std::string_view line = lines.substr(at, lines.find("\r\n", at) - at);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && equals_ignoring_case(line.substr(0, colon), name)) {
      const std::string_view value = trimmed(line.substr(colon + 1));
      if (value.empty()) return std::nullopt;
      return Slice{static_cast<std::uint32_t>(value.data() - lines.data()), static_cast<std::uint32_t>(value.size())};
    }
    at += line.size() + 2;
  }
  return std::nullopt;
}

bool names(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::string_view item = list.substr(0, list.find(','));
    if (equals_ignoring_case(trimmed(item), name)) return true;
    list.remove_prefix(std::min(list.size(), item.size() + 1));
  }
  return false;
}

// Whether the answer may be compressed at all; if so it says that it depends on what its client takes.
bool open_to_choice(const CompressionOptions& options, Response& response) {
  if (!options.on || response.status == 204 || response.status == 304 || !is_text(response.content_type)) return false;
  if (find_value(response.headers, "Content-Encoding")) return false;
  const auto vary = find_value(response.headers, "Vary");
  if (!vary) {
    response.add_header("Vary", kVaries);
    return true;
  }
  const std::string_view value = std::string_view(response.headers).substr(vary->at, vary->size);
  if (value == "*" || names(value, kVaries)) return false;
  response.headers.insert(vary->at + vary->size, ", " + std::string(kVaries));
  return true;
}

void say_coded(Coding coding, Response& response) {
  response.add_header("Content-Encoding", to_string(coding));
  const auto etag = find_value(response.headers, "ETag");
  if (etag && response.headers.compare(etag->at, 2, "W/") != 0) response.headers.insert(etag->at, "W/");
}

}  // namespace

std::optional<Coding> best_coding(std::string_view accept_encoding, std::span<const Coding> offered) {
  if (accept_encoding.empty()) return std::nullopt;
  std::optional<Coding> best;
  double quality = coding_quality(accept_encoding, "identity");
  for (const Coding coding : offered) {
    const double own = coding_quality(accept_encoding, to_string(coding));
    if (own == 0 || own < quality || (own == quality && best)) continue;
    best = coding;
    quality = own;
  }
  return best;
}

bool is_text(std::string_view content_type) {
  constexpr std::array<std::string_view, 8> kTypes = {
      "application/json",       "application/x-ndjson", "application/ndjson",           "application/jsonl",
      "application/javascript", "application/xml",      "application/openmetrics-text", "image/svg+xml"};
  const std::string_view type = trimmed(content_type.substr(0, content_type.find(';')));
  return equals_ignoring_case(type.substr(0, 5), "text/") || type.ends_with("+json") || type.ends_with("+xml") ||
         std::ranges::any_of(kTypes, [&](std::string_view known) { return equals_ignoring_case(type, known); });
}

void compress(std::string_view accept_encoding, const CompressionOptions& options, Response& response) {
  if (response.body.size() < options.smallest || !open_to_choice(options, response)) return;
  const auto coding = best_coding(accept_encoding, kCodings);
  if (!coding) return;
  auto packed = encoded(response.body, *coding, options.level);
  if (!packed || packed->size() >= response.body.size()) return;  // as it is, then
  response.body = std::move(*packed);
  say_coded(*coding, response);
}

std::unique_ptr<Encoder> stream_encoder(std::string_view accept_encoding, const CompressionOptions& options,
                                        Response& response) {
  if (!open_to_choice(options, response)) return nullptr;
  const auto coding = best_coding(accept_encoding, kCodings);
  if (!coding) return nullptr;
  auto encoder = make_encoder(*coding, options.level);
  if (!encoder) return nullptr;  // as it is, then
  say_coded(*coding, response);
  return std::move(*encoder);
}

}  // namespace vigie::http
