#include "dataset/csv_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/utf8.h"

namespace vigie::dataset {
namespace {

constexpr const char* kStrayQuote = "a quote inside an unquoted field";
constexpr const char* kAfterQuote = "text after the closing quote";
constexpr const char* kNul = "a NUL byte";
constexpr const char* kLoneCr = "a carriage return without a line feed";

// A field's text without its quotes, doubled ones made single. `raw` begins and ends with a quote.
std::string unescape(std::string_view raw) {
  raw = raw.substr(1, raw.size() - 2);
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    out += raw[i];
    if (raw[i] == '"') ++i;
  }
  return out;
}

}  // namespace

std::uint64_t CsvIndexer::index(const RecordCutter::Chunk& chunk, std::shared_ptr<const CsvHeader> header,
                                std::uint64_t first_line, std::size_t max_record_bytes, CsvBlock& block,
                                std::optional<Error>& error) {
  block.rows_.clear();
  block.bad_rows_.clear();
  block.unescaped_.clear();
  block.owner_ = chunk.owner;
  block.bytes_ = chunk.bytes;
  block.header_ = std::move(header);
  block.first_line_ = first_line;
  Structure& structure = block.structure_;
  scan_structure(block.bytes_, block.header_->delimiter, structure);

  CsvIndexer indexer(block, max_record_bytes);
  indexer.suspect_ = structure.nul || structure.lone_cr || (structure.high && !is_utf8(block.bytes_));
  // The file's last record may lack its line end: a mark past the bytes stands for it.
  if (!block.bytes_.ends_with('\n') && !block.bytes_.empty()) {
    structure.line_ends.push_back(static_cast<std::uint32_t>(structure.marks.size()));
    structure.marks.push_back(static_cast<std::uint32_t>(block.bytes_.size()));
  }
  if (structure.quote) {
    indexer.with_quotes();
  } else {
    indexer.without_quotes();
  }
  if (indexer.too_long_) {
    error = record_too_long(block.header_->file, first_line + *indexer.too_long_, max_record_bytes);
  }
  return indexer.lines_;
}

// Every mark ends a field: the line ends alone say how many fields a record has.
void CsvIndexer::without_quotes() {
  const Structure& structure = block_.structure_;
  block_.rows_.reserve(structure.line_ends.size());
  Record record;
  for (const std::uint32_t last : structure.line_ends.view()) {
    record.end = structure.marks[last];
    record.fields = last + 1 - record.first;
    record.line = lines_++;
    record.problem = nullptr;
    if (!add(record)) return;
    record.begin = record.end + 1;
    record.first = last + 1;
  }
}

// Marks within quotes are dropped, the others moved down. A quote opens a field only at its front, as in
// record_cutter.cc: the two must agree on where records end.
void CsvIndexer::with_quotes() {
  Offsets& marks = block_.structure_.marks;
  const std::string_view bytes = block_.bytes_;
  const std::size_t count = marks.size();
  std::size_t kept = 0;
  Record record;
  std::size_t field_begin = 0;
  std::uint32_t line = 0;
  const auto note = [&record](const char* problem, std::size_t at) {
    if (record.problem != nullptr) return;
    record.problem = problem;
    record.problem_at = at;
  };
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = marks[i];
    const char c = at < bytes.size() ? bytes[at] : '\n';
    if (c == '"') {
      if (at != field_begin) {
        note(kStrayQuote, at);
        continue;
      }
      bool doubled = false;
      for (++i; i < count; ++i) {
        const std::size_t inner = marks[i];
        if (inner >= bytes.size()) break;  // cannot be: the cutter hands out closed records
        if (bytes[inner] == '\n') ++line;
        if (bytes[inner] != '"') continue;
        if (inner + 1 >= bytes.size() || bytes[inner + 1] != '"') break;
        doubled = true;
        ++i;
      }
      const std::size_t past = marks[i] + 1;
      const std::size_t next = i + 1 < count ? marks[i + 1] : bytes.size();
      const std::string_view tail = bytes.substr(std::min(past, bytes.size()), next - std::min(past, next));
      const bool line_end = next >= bytes.size() || bytes[next] == '\n';
      if (!tail.empty() && !(tail == "\r" && line_end && next < bytes.size())) note(kAfterQuote, past);
      if (doubled) {
        block_.unescaped_.emplace_back(static_cast<std::uint32_t>(kept), unescape(bytes.substr(at, past - at)));
      }
      continue;
    }
    marks[kept++] = static_cast<std::uint32_t>(at);
    field_begin = at + 1;
    if (c != '\n') continue;
    record.end = at;
    record.fields = kept - record.first;
    record.line = lines_;
    lines_ = ++line;
    if (!add(record)) return;
    record = {.begin = at + 1, .first = kept};
  }
  marks.shrink(kept);
}

void CsvIndexer::check_text(std::string_view text, Record& record) const {
  const std::size_t good = utf8_valid_prefix(text);
  const std::size_t nul = std::min(text.find('\0'), text.size());
  // In quotes a CR is text; elsewhere it has to be the line's end.
  std::size_t cr = text.size();
  bool quoted = false;
  for (std::size_t i = 0; i < text.size() && cr == text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    const bool at_line_end = i + 1 == text.size() && record.end < block_.bytes_.size();
    if (text[i] == '\r' && !quoted && !at_line_end) cr = i;
  }
  const std::size_t first = std::min({good, nul, cr});
  if (first == text.size()) return;
  if (record.problem != nullptr && record.problem_at <= record.begin + first) return;
  record.problem = first == nul ? kNul : first == cr ? kLoneCr : "";
  record.problem_at = record.begin + first;
}

bool CsvIndexer::add(const Record& given) {
  Record record = given;
  const std::string_view text = block_.bytes_.substr(record.begin, record.end - record.begin);
  if (text.size() > max_record_bytes_) {
    too_long_ = record.line;
    return false;
  }
  const std::size_t columns = block_.header_->names.size();
  const bool blank = text.empty() || (text == "\r" && record.end < block_.bytes_.size());
  if (blank && columns > 1) return true;
  if (suspect_) check_text(text, record);
  if (record.problem != nullptr) {
    const auto byte = static_cast<unsigned char>(block_.bytes_[record.problem_at]);
    reject(record, *record.problem == '\0' ? fmt::format("byte 0x{:02X} is not UTF-8", byte) : record.problem,
           record.problem_at);
    return true;
  }
  if (record.fields != columns) {
    reject(
        record,
        fmt::format("{} {} where the header has {}", record.fields, record.fields == 1 ? "field" : "fields", columns),
        std::string_view::npos);
    return true;
  }
  block_.rows_.push_back(
      {static_cast<std::uint32_t>(record.begin), static_cast<std::uint32_t>(record.first), record.line});
  return true;
}

void CsvIndexer::reject(const Record& record, std::string reason, std::size_t at) {
  std::string_view text = block_.bytes_.substr(record.begin, record.end - record.begin);
  BadRow bad{.line = block_.first_line_ + record.line, .reason = std::move(reason)};
  bad.at_line = bad.line;
  if (at != std::string_view::npos) {
    const std::string_view before = text.substr(0, at - record.begin);
    const std::size_t feed = before.rfind('\n');
    bad.at_line += static_cast<std::uint64_t>(std::ranges::count(before, '\n'));
    bad.column = characters(before.substr(feed == std::string_view::npos ? 0 : feed + 1)) + 1;
    const auto marks = block_.structure_.marks.view().subspan(record.first, record.fields);
    const auto column = static_cast<std::size_t>(std::ranges::lower_bound(marks, at) - marks.begin());
    if (column < block_.header_->names.size()) bad.field = block_.header_->names[column];
  }
  if (text.ends_with('\r')) text.remove_suffix(1);
  bad.record = text;
  block_.bad_rows_.push_back(std::move(bad));
}

Result<std::vector<std::string>> split_record(std::string_view bytes, char delimiter, std::size_t& used) {
  std::vector<std::string> fields(1);
  enum { kFront, kPlain, kQuoted, kClosed } state = kFront;
  const auto problem = [&](const char* what, std::size_t at) {
    const std::string_view before = bytes.substr(0, at);
    const std::size_t feed = before.rfind('\n');
    return fail(Code::kInvalidData, what,
                {.line = 1 + static_cast<std::uint64_t>(std::ranges::count(before, '\n')),
                 .column = characters(before.substr(feed == std::string_view::npos ? 0 : feed + 1)) + 1},
                "correct the line");
  };
  for (used = 0; used < bytes.size(); ++used) {
    const char c = bytes[used];
    if (c == '\0') return problem(kNul, used);
    if (state == kQuoted) {
      if (c != '"') {
        fields.back() += c;
      } else if (used + 1 < bytes.size() && bytes[used + 1] == '"') {
        fields.back() += bytes[++used];
      } else {
        state = kClosed;
      }
      continue;
    }
    const bool line_end = c == '\n' || (c == '\r' && used + 1 < bytes.size() && bytes[used + 1] == '\n');
    if (line_end) {
      used += c == '\r' ? 2 : 1;
      return fields;
    }
    if (c == '\r') return problem(kLoneCr, used);
    if (c == delimiter) {
      fields.emplace_back();
      state = kFront;
    } else if (c == '"' && state == kFront) {
      state = kQuoted;
    } else if (c == '"' && state == kPlain) {
      return problem(kStrayQuote, used);
    } else if (state == kClosed) {
      return problem(kAfterQuote, used);
    } else {
      fields.back() += c;
      state = kPlain;
    }
  }
  if (state == kQuoted) return problem("the quote is never closed", used);
  return fields;
}

char guess_delimiter(std::string_view bytes) {
  constexpr std::string_view kCandidates = ",;\t|";
  std::array<std::size_t, kCandidates.size()> counts{};
  bool quoted = false;
  for (const char c : bytes) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n') break;
    if (const auto which = kCandidates.find(c); which != std::string_view::npos) ++counts[which];
  }
  return kCandidates[static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin())];
}

Status check_delimiter(char delimiter) {
  const auto byte = static_cast<unsigned char>(delimiter);
  const bool fits = byte < 0x80 && (byte == '\t' || byte >= 0x20) && byte != 0x7F && delimiter != '"' &&
                    std::string_view("+-._").find(delimiter) == std::string_view::npos &&
                    !(delimiter >= '0' && delimiter <= '9') && !(delimiter >= 'A' && delimiter <= 'Z') &&
                    !(delimiter >= 'a' && delimiter <= 'z');
  if (fits) return {};
  return fail(Code::kInvalidArgument, "a delimiter cannot be " + excerpt(std::string_view(&delimiter, 1)), {},
              "choose a comma, a semicolon, a tab, a bar or a space");
}

}  // namespace vigie::dataset
