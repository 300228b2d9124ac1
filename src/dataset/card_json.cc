#include "dataset/card_json.h"

#include <simdjson.h>

#include <algorithm>
#include <bitset>
#include <cstring>
#include <optional>
#include <vector>

#include "base/number.h"
#include "dataset/cell.h"
#include "schema/card.h"

namespace vigie::dataset {
namespace {

using schema::kCardRaw;
namespace ondemand = simdjson::ondemand;
using simdjson::dom::element_type;

constexpr std::uint64_t kAllRaw = (std::uint64_t{1} << kCardRaw) - 1;

// Reads one value to its end, so that nothing is kept that is no JSON; false at what the exact reading should look at.
bool check_value(ondemand::value value) {
  ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  switch (type) {
    case ondemand::json_type::number: return value.get_double().error() == simdjson::SUCCESS;
    case ondemand::json_type::string: return value.get_string().error() == simdjson::SUCCESS;
    case ondemand::json_type::boolean: return value.get_bool().error() == simdjson::SUCCESS;
    default: return false;
  }
}

}  // namespace

struct CardJsonParser::State {
  explicit State(std::span<const std::string> reserved_names) : reserved(reserved_names.begin(), reserved_names.end()) {
    for (const schema::Field& field : schema::card_raw_fields()) quoted.push_back(std::string(field.name) + '"');
    for (const std::string& name : reserved) quoted.push_back(name + '"');
    for (const std::string& name : quoted) padding = std::max(padding, name.size());
  }

  // A copy with the bytes behind it that simdjson and find() may look at.
  void pad(std::string_view record) {
    length = record.size();
    if (padded.size() < length + padding) padded.resize(2 * length + padding);
    std::memcpy(padded.data(), record.data(), length);
    std::memset(padded.data() + length, ' ', padding);
  }

  // The index of a name that stands at `key`, raw fields first, then reserved ones. Rows have their fields in the same
  // order, so the next one is nearly always the guess.
  std::size_t find(const char* key, std::size_t guess) const {
    const auto matches = [&](std::size_t i) { return std::memcmp(key, quoted[i].data(), quoted[i].size()) == 0; };
    if (guess < quoted.size() && matches(guess)) return guess;
    std::size_t i = 0;
    while (i < quoted.size() && !matches(i)) ++i;
    return i;
  }

  bool read_fast(double* row) {
    ondemand::document document;
    ondemand::object object;
    if (fast.iterate(padded.data(), length, padded.size()).get(document) != simdjson::SUCCESS ||
        document.get_object().get(object) != simdjson::SUCCESS) {
      return false;
    }
    std::uint64_t seen = 0;
    std::size_t guess = 0;
    for (auto field : object) {
      ondemand::raw_json_string key;
      if (field.key().get(key) != simdjson::SUCCESS) return false;
      const std::size_t index = find(key.raw(), guess);
      if (index < kCardRaw) {
        const std::uint64_t bit = std::uint64_t{1} << index;
        if ((seen & bit) != 0 || field.value().get_double().get(row[index]) != simdjson::SUCCESS) return false;
        seen |= bit;
        guess = index + 1;
        continue;
      }
      // One with an escape in it may be any name.
      std::string_view name;
      if (index < quoted.size() || field.unescaped_key().get(name) != simdjson::SUCCESS ||
          std::memcmp(name.data(), key.raw(), name.size()) != 0) {
        return false;
      }
      ondemand::value value;
      if (field.value().get(value) != simdjson::SUCCESS || !check_value(value)) return false;
    }
    if (seen != kAllRaw || document.current_location().error() != simdjson::OUT_OF_BOUNDS) return false;
    const auto fields = schema::card_raw_fields();
    for (std::size_t f = 0; f < kCardRaw; ++f) {
      if (!schema::accepts(fields[f], row[f])) return false;
    }
    return true;
  }

  // The number that a value means; NaN where it is missing. Nothing, and why, where it is none.
  std::optional<double> number(simdjson::dom::element value, std::string& reason) const {
    switch (value.type()) {
      case element_type::NULL_VALUE: return kMissingNumber;
      case element_type::BOOL: return value.get_bool().value() ? 1.0 : 0.0;
      case element_type::STRING: {
        const std::string_view text = trim_spaces(value.get_string().value());
        if (missing.contains(text)) return kMissingNumber;
        if (const auto parsed = parse_double(text)) return parsed;
        reason = why_not(text, ColumnType::kNumber);
        return std::nullopt;
      }
      case element_type::OBJECT:
      case element_type::ARRAY: reason = "an object or array inside a field cannot be a number"; return std::nullopt;
      default: return value.get_double().value();
    }
  }

  // nothing: the row is good.
  std::optional<BadRow> read_exactly(double* row) {
    simdjson::dom::element document;
    if (const auto error = exact.parse(padded.data(), length, false).get(document)) {
      return BadRow{.reason = "not a JSON object: " + std::string(simdjson::error_message(error))};
    }
    simdjson::dom::object object;
    if (document.get(object)) return BadRow{.reason = "a row must be a JSON object"};
    const auto fields = schema::card_raw_fields();
    std::fill_n(row, kCardRaw, kMissingNumber);
    std::bitset<kCardRaw> seen;
    for (const auto [name, value] : object) {
      if (std::ranges::find(reserved, name) != reserved.end()) {
        return BadRow{.field = std::string(name),
                      .reason = "the row has this field already, and scoring adds it: rename it"};
      }
      const auto index = schema::find(fields, name);
      if (!index) continue;
      BadRow bad{.field = std::string(name), .reason = "the field comes twice"};
      if (seen[*index]) return bad;
      seen.set(*index);
      const auto read = number(value, bad.reason);
      if (!read) return bad;
      row[*index] = *read;
    }
    for (std::size_t f = 0; f < kCardRaw; ++f) {
      if (schema::accepts(fields[f], row[f])) continue;
      return BadRow{.field = std::string(fields[f].name), .reason = why_refused(fields[f], row[f])};
    }
    return std::nullopt;
  }

  std::vector<std::string> reserved;
  std::vector<std::string> quoted;  // names as they stand in a row, with the closing quote: raw fields, then reserved
  MissingTokens missing;
  ondemand::parser fast;
  simdjson::dom::parser exact;
  std::string padded;
  std::size_t padding = simdjson::SIMDJSON_PADDING;
  std::size_t length = 0;  // of the row in `padded`
};

CardJsonParser::CardJsonParser(std::span<const std::string> reserved) : state_(std::make_unique<State>(reserved)) {}
CardJsonParser::CardJsonParser(CardJsonParser&&) noexcept = default;
CardJsonParser& CardJsonParser::operator=(CardJsonParser&&) noexcept = default;
CardJsonParser::~CardJsonParser() = default;

void CardJsonParser::parse(const JsonBlock& block, CardBlock& out) {
  out.values.resize(block.rows.size() * kCardRaw);
  out.labels.clear();
  out.weights.clear();
  out.rows.clear();
  out.bad.clear();
  for (std::size_t i = 0; i < block.rows.size(); ++i) {
    const std::string_view record = block.record(block.rows[i]);
    double* const row = out.values.data() + out.rows.size() * kCardRaw;
    state_->pad(record);
    if (!state_->read_fast(row)) {
      if (auto bad = state_->read_exactly(row)) {
        bad->line = bad->at_line = block.rows[i].line;
        bad->record = record;
        out.bad.push_back(std::move(*bad));
        continue;
      }
    }
    out.rows.push_back(static_cast<std::uint32_t>(i));
  }
  out.values.resize(out.rows.size() * kCardRaw);
}

}  // namespace vigie::dataset
