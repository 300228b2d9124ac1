#include "model/json_reader.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <cmath>
#include <limits>

namespace vigie::model {
namespace {

constexpr std::size_t kMaxLevels = 64;
constexpr std::string_view kRemedy = "make the file again";

// Accepts every event: Boost.JSON's push parser then only checks the grammar, and knows where it stopped.
struct Grammar {
  // NOLINTBEGIN(readability-identifier-naming): the names that Boost.JSON looks for
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_object_size = max_array_size;
  static constexpr std::size_t max_string_size = max_array_size;
  static constexpr std::size_t max_key_size = max_array_size;
  // NOLINTEND(readability-identifier-naming)
  using Error = boost::json::error_code;
  using Text = boost::json::string_view;

  bool on_document_begin(Error&) { return true; }
  bool on_document_end(Error&) { return true; }
  bool on_object_begin(Error&) { return true; }
  bool on_object_end(std::size_t, Error&) { return true; }
  bool on_array_begin(Error&) { return true; }
  bool on_array_end(std::size_t, Error&) { return true; }
  bool on_key_part(Text, std::size_t, Error&) { return true; }
  bool on_key(Text, std::size_t, Error&) { return true; }
  bool on_string_part(Text, std::size_t, Error&) { return true; }
  bool on_string(Text, std::size_t, Error&) { return true; }
  bool on_number_part(Text, Error&) { return true; }
  bool on_int64(std::int64_t, Text, Error&) { return true; }
  bool on_uint64(std::uint64_t, Text, Error&) { return true; }
  bool on_double(double, Text, Error&) { return true; }
  bool on_bool(bool, Error&) { return true; }
  bool on_null(Error&) { return true; }
  bool on_comment_part(Text, Error&) { return true; }
  bool on_comment(Text, Error&) { return true; }
};

// simdjson says that a text is bad but not where.
std::optional<std::size_t> syntax_error_offset(std::string_view json) {
  boost::json::parse_options options;
  options.max_depth = kMaxLevels;
  boost::json::basic_parser<Grammar> parser(options);
  boost::json::error_code error;
  const std::size_t read = parser.write_some(false, json.data(), json.size(), error);
  if (!error && read == json.size()) return std::nullopt;
  return std::min(read, json.size());
}

Error syntax_error(std::string_view json, simdjson::error_code code, const std::string& name) {
  Error error{Code::kInvalidData, "not valid JSON", {.file = name}, std::string(kRemedy)};
  switch (code) {
    case simdjson::DEPTH_ERROR: error.message = "more than " + std::to_string(kMaxLevels) + " levels of nesting"; break;
    case simdjson::UTF8_ERROR: error.message = "not UTF-8"; break;
    case simdjson::NUMBER_ERROR: error.message = "a number that no double can hold"; break;
    case simdjson::EMPTY: error.message = "empty where JSON was expected"; break;
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
      return {Code::kResourceExhausted, "too large to read", {.file = name}, "give a smaller file"};
    default: break;
  }
  if (const auto offset = syntax_error_offset(json)) {
    const std::string_view before = json.substr(0, *offset);
    const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    error.place.line = 1 + static_cast<std::uint64_t>(std::count(before.begin(), before.end(), '\n'));
    error.place.column = 1 + (before.size() - line_start);
  }
  return error;
}

Result<double> to_number(simdjson::dom::element element) {
  double value = 0;
  if (element.get_double().get(value) != simdjson::SUCCESS) return fail(Code::kInvalidData, "not a number");
  return value;
}

Result<float> to_float(simdjson::dom::element element) {
  const double value = VIGIE_TRY(to_number(element));
  if (std::abs(value) > static_cast<double>(std::numeric_limits<float>::max())) {
    return fail(Code::kInvalidData, "beyond the range of float");
  }
  return static_cast<float>(value);
}

Result<std::int32_t> to_int32(simdjson::dom::element element) {
  std::int64_t value = 0;
  if (element.get_int64().get(value) != simdjson::SUCCESS) return fail(Code::kInvalidData, "not a whole number");
  if (value < std::numeric_limits<std::int32_t>::min() || value > std::numeric_limits<std::int32_t>::max()) {
    return fail(Code::kInvalidData, "beyond 32 bits");
  }
  return static_cast<std::int32_t>(value);
}

Result<std::uint8_t> to_flag(simdjson::dom::element element) {
  bool flag = false;
  if (element.get_bool().get(flag) == simdjson::SUCCESS) return flag ? 1 : 0;
  std::int64_t value = -1;
  if (element.get_int64().get(value) != simdjson::SUCCESS || value < 0 || value > 1) {
    return fail(Code::kInvalidData, "neither true nor false");
  }
  return static_cast<std::uint8_t>(value);
}

Result<std::string> to_text(simdjson::dom::element element) {
  std::string_view text;
  if (element.get_string().get(text) != simdjson::SUCCESS) return fail(Code::kInvalidData, "not a text");
  return std::string(text);
}

}  // namespace

Result<JsonDocument> JsonDocument::parse(std::string_view json, std::string name) {
  JsonDocument document;
  document.name_ = std::make_unique<const std::string>(std::move(name));
  document.parser_ = std::make_unique<simdjson::dom::parser>();
  auto code = document.parser_->allocate(std::max<std::size_t>(json.size(), 64), kMaxLevels);
  if (code == simdjson::SUCCESS) code = document.parser_->parse(json.data(), json.size()).get(document.root_);
  if (code != simdjson::SUCCESS) return std::unexpected(syntax_error(json, code, *document.name_));
  return document;
}

std::unexpected<Error> JsonReader::refuse(std::string message) const {
  return fail(Code::kInvalidData, std::move(message), {.file = *file_, .field = path_}, std::string(kRemedy));
}

// The value as simdjson's type T, which `what` names.
template <typename T>
Result<T> JsonReader::get(std::string_view what) const {
  if (!missing_.empty()) return refuse(missing_);
  T value{};
  if (element_.get<T>().get(value) != simdjson::SUCCESS) return refuse("not " + std::string(what));
  return value;
}

JsonReader JsonReader::operator[](std::string_view name) const {
  if (!missing_.empty()) return *this;
  auto found = find(name);
  if (found && *found) return **std::move(found);
  JsonReader missing = *this;
  missing.missing_ = found ? "it has no \"" + std::string(name) + "\"" : found.error().message;
  return missing;
}

Result<std::optional<JsonReader>> JsonReader::find(std::string_view name) const {
  const auto object = VIGIE_TRY(get<simdjson::dom::object>("an object"));
  simdjson::dom::element value;
  if (object.at_key(name).get(value) != simdjson::SUCCESS || value.is_null()) return std::optional<JsonReader>();
  return JsonReader(value, path_.empty() ? std::string(name) : path_ + "." + std::string(name), file_);
}

Result<std::vector<JsonReader>> JsonReader::items(std::size_t limit) const {
  const auto array = VIGIE_TRY(get<simdjson::dom::array>("an array"));
  std::vector<JsonReader> out;
  for (const simdjson::dom::element item : array) {
    if (out.size() == limit) return refuse("more than " + std::to_string(limit) + " items");
    out.push_back(JsonReader(item, path_ + "[" + std::to_string(out.size()) + "]", file_));
  }
  return out;
}

Result<std::vector<std::string>> JsonReader::keys() const {
  const auto object = VIGIE_TRY(get<simdjson::dom::object>("an object"));
  std::vector<std::string> out;
  for (const auto& [key, value] : object) out.emplace_back(key);
  return out;
}

template <typename T, typename Convert>
Result<std::vector<T>> JsonReader::array_of(std::string_view what, Convert convert) const {
  const auto array = VIGIE_TRY(get<simdjson::dom::array>("an array of " + std::string(what)));
  std::vector<T> out;
  out.reserve(array.size());
  for (const simdjson::dom::element item : array) {
    auto value = convert(item);
    if (!value) return refuse("item " + std::to_string(out.size()) + ": " + value.error().message);
    out.push_back(*std::move(value));
  }
  return out;
}

Result<std::vector<double>> JsonReader::numbers() const { return array_of<double>("numbers", to_number); }
Result<std::vector<float>> JsonReader::floats() const { return array_of<float>("numbers", to_float); }
Result<std::vector<std::int32_t>> JsonReader::integers() const {
  return array_of<std::int32_t>("whole numbers", to_int32);
}
Result<std::vector<std::uint8_t>> JsonReader::flags() const { return array_of<std::uint8_t>("flags", to_flag); }
Result<std::vector<std::string>> JsonReader::texts() const { return array_of<std::string>("texts", to_text); }

Result<double> JsonReader::number() const { return get<double>("a number"); }
Result<std::uint64_t> JsonReader::unsigned_integer() const {
  return get<std::uint64_t>("a whole number of at least 0");
}
Result<bool> JsonReader::flag() const { return get<bool>("true or false"); }
Result<std::string> JsonReader::text() const { return std::string(VIGIE_TRY(get<std::string_view>("a text"))); }

Status JsonReader::read(std::string_view name, double& out) const {
  out = VIGIE_TRY((*this)[name].number());
  return {};
}
Status JsonReader::read(std::string_view name, std::uint64_t& out) const {
  out = VIGIE_TRY((*this)[name].unsigned_integer());
  return {};
}
Status JsonReader::read(std::string_view name, std::string& out) const {
  out = VIGIE_TRY((*this)[name].text());
  return {};
}
Status JsonReader::read(std::string_view name, std::vector<double>& out) const {
  out = VIGIE_TRY((*this)[name].numbers());
  return {};
}
Status JsonReader::read(std::string_view name, std::vector<std::string>& out) const {
  out = VIGIE_TRY((*this)[name].texts());
  return {};
}

}  // namespace vigie::model
