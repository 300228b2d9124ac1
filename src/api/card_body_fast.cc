// The fast half of card_body.h: simdjson on demand. It checks a document only where it is read, so every value is read,
// and the end of the document is looked at.
#include <simdjson.h>

#include <array>
#include <cmath>
#include <cstring>
#include <string>

#include "api/card_body.h"
#include "http/message.h"

static_assert(vigie::http::kBodyPadding >= simdjson::SIMDJSON_PADDING);

namespace vigie::api {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t kFields = schema::kCardRaw + schema::kCardEngineered;
constexpr std::size_t kNone = kFields;
constexpr std::uint64_t kAllRaw = (std::uint64_t{1} << schema::kCardRaw) - 1;
constexpr std::size_t kKeptParser = std::size_t{1} << 20;  // bytes of the largest body whose parser a thread keeps

// Field names as they stand in a body, with the closing quote.
class Names {
 public:
  Names() {
    const auto fields = schema::card_fields();
    for (std::size_t i = 0; i < kFields; ++i) quoted_[i] = std::string(fields[i].name) + '"';
  }

  // Clients write fields in the same order each time, so the next one is nearly always the guess.
  std::size_t find(const char* key, std::size_t guess) const {
    if (guess < kFields && matches(key, guess)) return guess;
    for (std::size_t i = 0; i < kFields; ++i) {
      if (matches(key, i)) return i;
    }
    return kNone;  // unknown, or spelt with escapes
  }

 private:
  bool matches(const char* key, std::size_t i) const {
    return std::memcmp(key, quoted_[i].data(), quoted_[i].size()) == 0;  // the body's padding makes this safe
  }
  std::array<std::string, kFields> quoted_;
};

// Reads all members of `object`; false at anything that read_card() should look at.
bool read_members(ondemand::object object, CardRow row) {
  static const Names names;
  const auto fields = schema::card_fields();
  std::uint64_t seen = 0;
  std::size_t guess = 0;
  for (auto field : object) {
    ondemand::raw_json_string key;
    if (field.key().get(key) != simdjson::SUCCESS) return false;
    const std::size_t index = names.find(key.raw(), guess);
    if (index == kNone) return false;
    guess = index + 1;
    const std::uint64_t bit = std::uint64_t{1} << index;
    if ((seen & bit) != 0) return false;
    seen |= bit;
    double value = 0;
    if (field.value().get_double().get(value) != simdjson::SUCCESS) return false;
    if (!schema::accepts(fields[index], value)) return false;
    if (index < schema::kCardRaw) row[index] = value;
  }
  return (seen & kAllRaw) == kAllRaw;
}

bool at_end(ondemand::document& document) { return document.current_location().error() == simdjson::OUT_OF_BOUNDS; }

}  // namespace

bool read_card_fast(std::string_view body, CardRow row) {
  thread_local ondemand::parser parser;
  if (body.size() > kKeptParser) return false;  // no such transaction is usual
  ondemand::document document;
  if (parser.iterate(body.data(), body.size(), body.size() + http::kBodyPadding).get(document) != simdjson::SUCCESS) {
    return false;
  }
  ondemand::object object;
  if (document.get_object().get(object) != simdjson::SUCCESS) return false;
  return read_members(object, row) && at_end(document);
}

bool read_batch_fast(std::string_view body, BatchReading& reading, const RowSink& sink) {
  ondemand::parser parser;  // not kept: its index of a large body is large
  ondemand::document document;
  if (parser.iterate(body.data(), body.size(), body.size() + http::kBodyPadding).get(document) != simdjson::SUCCESS) {
    return false;
  }
  std::size_t index = 0;
  std::array<double, schema::kCardRaw> row{};
  const auto read_rows = [&](ondemand::array rows) {
    for (auto item : rows) {
      ondemand::object object;
      if (index == kMostRows || item.get_object().get(object) != simdjson::SUCCESS) return false;
      if (!read_members(object, row)) return false;
      sink(index++, row, {});
    }
    return true;
  };
  ondemand::json_type type{};
  if (document.type().get(type) != simdjson::SUCCESS) return false;
  ondemand::array rows;
  if (type == ondemand::json_type::array) {
    return document.get_array().get(rows) == simdjson::SUCCESS && read_rows(rows) && at_end(document);
  }
  ondemand::object object;
  if (type != ondemand::json_type::object || document.get_object().get(object) != simdjson::SUCCESS) return false;
  bool found = false;
  for (auto field : object) {
    ondemand::raw_json_string key;
    if (field.key().get(key) != simdjson::SUCCESS || found || !key.unsafe_is_equal("transactions")) return false;
    if (field.value().get_array().get(rows) != simdjson::SUCCESS || !read_rows(rows)) return false;
    found = true;
  }
  reading.object_form = true;
  return found && at_end(document);
}

}  // namespace vigie::api
