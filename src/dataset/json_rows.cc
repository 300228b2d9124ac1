#include "dataset/json_rows.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dataset/record_cutter.h"

namespace vigie::dataset {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;
constexpr std::string_view kSpaces = " \t\r\n";

std::uint64_t lines_in(std::string_view text) { return static_cast<std::uint64_t>(std::ranges::count(text, '\n')); }

// Bytes that matter for finding where a value ends.
constexpr auto kMatters = [] {
  std::array<bool, 256> matters{};
  for (const char c : std::string_view("{}[]\"")) matters[static_cast<unsigned char>(c)] = true;
  return matters;
}();

// The offset past the string that opens at `open`, or kNowhere where the text ends before.
std::size_t past_string(std::string_view text, std::size_t open) {
  for (std::size_t at = open + 1; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] == '\\') ++at;
  }
  return kNowhere;
}

// The offset past the value that begins at `begin`, or kNowhere where the text ends before. Brackets are counted and
// not matched: whether the value is good JSON is asked later.
std::size_t past_value(std::string_view text, std::size_t begin) {
  if (text[begin] != '{' && text[begin] != '[' && text[begin] != '"') return text.find_first_of(",] \t\r\n", begin);
  std::size_t depth = 0;
  for (std::size_t at = begin; at < text.size();) {
    const char c = text[at];
    if (!kMatters[static_cast<unsigned char>(c)]) {
      ++at;
      continue;
    }
    if (c == '"') {
      at = past_string(text, at);
      if (at == kNowhere || depth == 0) return at;
      continue;
    }
    ++at;
    if (c == '{' || c == '[') {
      ++depth;
    } else if (--depth == 0) {
      return at;
    }
  }
  return kNowhere;
}

}  // namespace

Result<JsonRowReader> JsonRowReader::open(std::unique_ptr<ByteSource> source, const Options& options) {
  JsonRowReader reader(std::move(source), options);
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  VIGIE_TRY(reader.fill(reader.rest_, kMark.size()));
  if (reader.rest_.starts_with(kMark)) reader.rest_.clear();
  std::size_t first = reader.rest_.find_first_not_of(kSpaces);
  while (first == kNowhere && !reader.at_end_) {
    reader.line_ += lines_in(reader.rest_);
    reader.rest_.clear();
    VIGIE_TRY(reader.fill(reader.rest_, options.block_bytes));
    first = reader.rest_.find_first_not_of(kSpaces);
  }
  if (options.array && first != kNowhere && reader.rest_[first] == '[') {
    reader.expected_ = Expected::kFirst;
    reader.line_ += lines_in(std::string_view(reader.rest_).substr(0, first));
    reader.rest_.erase(0, first + 1);
  }
  return reader;
}

// At least `target` bytes, or all that there are.
Status JsonRowReader::fill(std::string& text, std::size_t target) {
  std::size_t size = text.size();
  if (size < target) text.resize(target);
  while (size < target && !at_end_) {
    const std::size_t got = VIGIE_TRY(source_->read(std::span(text).subspan(size)));
    size += got;
    at_end_ = got == 0;
  }
  text.resize(size);
  return {};
}

void JsonRowReader::fail_at(std::size_t offset, const JsonBlock& block, std::string message, std::string remedy) {
  const std::string_view before = std::string_view(block.text).substr(0, offset);
  const std::size_t feed = before.rfind('\n');
  // Where the line begins before this block, its column is not known.
  const std::uint64_t column = feed == kNowhere ? 0 : characters(before.substr(feed + 1)) + 1;
  failure_ = Error{Code::kInvalidData,
                   std::move(message),
                   {.file = source_->name(), .line = line_ + lines_in(before), .column = column},
                   std::move(remedy)};
}

// Adds the whole lines of `block`; returns how many bytes those are.
std::size_t JsonRowReader::split_lines(JsonBlock& block) {
  const std::string_view text = block.text;
  std::size_t begin = 0;
  for (std::uint64_t line = line_; begin < text.size(); ++line) {
    const std::size_t feed = text.find('\n', begin);
    if (feed == kNowhere && !at_end_) break;
    const std::string_view record = text.substr(begin, feed == kNowhere ? kNowhere : feed - begin);
    if (record.size() > options_.max_record_bytes) {
      failure_ = record_too_long(source_->name(), line, options_.max_record_bytes);
      return begin;
    }
    if (const std::size_t first = record.find_first_not_of(kSpaces); first != kNowhere) {
      block.rows.push_back({begin + first, begin + record.find_last_not_of(kSpaces) + 1, line});
    }
    begin = feed == kNowhere ? text.size() : feed + 1;
  }
  return begin;
}

// Adds the whole elements of `block`; returns how many bytes lie before what is left.
std::size_t JsonRowReader::split_array(JsonBlock& block) {
  const std::string_view text = block.text;
  std::size_t used = 0;
  std::uint64_t line = line_;
  for (;;) {
    const std::size_t at = text.find_first_not_of(kSpaces, used);
    if (at == kNowhere) return used;
    const char c = text[at];
    if (expected_ == Expected::kNothing) {
      fail_at(at, block, "there is text behind the array", "remove it");
      return used;
    }
    line += lines_in(text.substr(used, at - used));
    used = at;
    if (c == ']' && expected_ != Expected::kElement) {
      expected_ = Expected::kNothing;
      ++used;
    } else if (expected_ == Expected::kComma) {
      if (c != ',') {
        fail_at(at, block, "a comma or ] is missing here", "correct the array, or write one row a line (.ndjson)");
        return used;
      }
      expected_ = Expected::kElement;
      ++used;
    } else {
      const std::size_t end = past_value(text, at);
      if (end == kNowhere) return used;
      if (end == at) {
        fail_at(at, block, "a value is missing here", "correct the array, or write one row a line (.ndjson)");
        return used;
      }
      if (end - at > options_.max_record_bytes) {
        failure_ = record_too_long(source_->name(), line, options_.max_record_bytes);
        return used;
      }
      block.rows.push_back({at, end, line});
      line += lines_in(text.substr(at, end - at));
      expected_ = Expected::kComma;
      used = end;
    }
  }
}

// Whether `rest`, with which the file ends, may be left over.
Status JsonRowReader::check_end(std::string_view rest) {
  if (!is_array() || expected_ == Expected::kNothing) return {};
  const std::uint64_t line = line_ + lines_in(rest);
  return fail(Code::kInvalidData, "the file ends before its array does", {.file = source_->name(), .line = line},
              "fetch or make the file again");
}

Result<bool> JsonRowReader::next(JsonBlock& block) {
  block.rows.clear();
  std::size_t target = options_.block_bytes;
  while (!failure_) {
    block.text = rest_;
    VIGIE_TRY(fill(block.text, std::max(target, rest_.size())));
    const std::size_t used = is_array() ? split_array(block) : split_lines(block);
    line_ += lines_in(std::string_view(block.text).substr(0, used));
    rest_.assign(block.text, used);
    if (!block.rows.empty()) return true;
    if (failure_) break;
    if (at_end_) {
      VIGIE_TRY(check_end(rest_));
      return false;
    }
    if (rest_.size() > options_.max_record_bytes) {
      failure_ = record_too_long(source_->name(), line_, options_.max_record_bytes);
    }
    target = std::max(target, 2 * rest_.size());
  }
  return std::unexpected(*failure_);
}

}  // namespace vigie::dataset
