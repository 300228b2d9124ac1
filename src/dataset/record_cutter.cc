#include "dataset/record_cutter.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/number.h"

namespace vigie::dataset {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

// The offset just past the quote that closes the field opened at `open`, or kNone. A quote that is the last byte may
// be the first of a doubled one, unless the text ends there.
std::size_t past_closing(std::string_view bytes, std::size_t open, bool at_end) {
  std::size_t at = open + 1;
  for (;;) {
    const std::size_t quote = bytes.find('"', at);
    if (quote == kNone) return kNone;
    if (quote + 1 == bytes.size()) return at_end ? quote + 1 : kNone;
    if (bytes[quote + 1] != '"') return quote + 1;
    at = quote + 2;
  }
}

// Walks the quoted fields; returns the offset of the one left open, or kNone. `last` becomes the offset past the last
// LF outside quotes that was met before it.
std::size_t walk_quotes(std::string_view bytes, char delimiter, bool at_end, std::size_t& last) {
  last = 0;
  std::size_t from = 0;  // outside quotes up to here
  for (;;) {
    const std::size_t quote = bytes.find('"', from);
    const std::string_view plain = bytes.substr(from, quote == kNone ? kNone : quote - from);
    if (const std::size_t feed = plain.rfind('\n'); feed != kNone) last = from + feed + 1;
    if (quote == kNone) return kNone;
    const bool opens = quote == 0 || bytes[quote - 1] == delimiter || bytes[quote - 1] == '\n';
    const std::size_t past = opens ? past_closing(bytes, quote, at_end) : quote + 1;
    if (past == kNone) return quote;
    from = past;
  }
}

}  // namespace

std::size_t whole_records(std::string_view bytes, char delimiter, bool at_end) {
  std::size_t last = 0;
  const std::size_t open = walk_quotes(bytes, delimiter, at_end, last);
  return at_end && open == kNone ? bytes.size() : last;
}

std::size_t open_quote(std::string_view record, char delimiter) {
  std::size_t last = 0;
  return walk_quotes(record, delimiter, true, last);
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

Error record_too_long(const std::string& file, std::uint64_t line, std::size_t limit) {
  return {Code::kResourceExhausted,
          "the record that begins here is longer than " + with_thousands(limit) + " bytes",
          {.file = file, .line = line, .column = 1},
          "look for a quote that was left open or lines that do not end"};
}

RecordCutter::RecordCutter(std::unique_ptr<ByteSource> source, const Options& options)
    : source_(std::move(source)), options_(options), whole_(source_->whole()) {
  constexpr std::size_t kMost = std::size_t{1} << 30;  // offsets within a chunk are 32 bits wide
  options_.chunk_bytes = std::clamp<std::size_t>(options_.chunk_bytes, 1, kMost);
  options_.max_record_bytes = std::clamp<std::size_t>(options_.max_record_bytes, 1, kMost);
  if (!whole_) buffer_ = free_buffer();
}

std::string_view RecordCutter::pending() const {
  if (whole_) return whole_->substr(used_, window_);
  return std::string_view(*buffer_).substr(begin_, end_ - begin_);
}

// One that nobody holds, so that memory is asked of the system only while the number in flight grows.
std::shared_ptr<std::string> RecordCutter::free_buffer() {
  const auto found = std::ranges::find_if(buffers_, [](const auto& buffer) { return buffer.use_count() == 1; });
  return found != buffers_.end() ? *found : buffers_.emplace_back(std::make_shared<std::string>());
}

// At least `target` pending bytes, or all that there are.
Status RecordCutter::fill(std::size_t target) {
  if (whole_) {
    const std::size_t left = whole_->size() - used_;
    window_ = std::min(left, target);
    at_end_ = window_ == left;
    return {};
  }
  const std::size_t kept = end_ - begin_;
  constexpr long kOurs = 3;  // buffers_, buffer_ and `held`
  const std::shared_ptr<std::string> held = buffer_;
  if (held.use_count() > kOurs) buffer_ = free_buffer();
  if (buffer_->size() < std::max(target, kept)) buffer_->resize(std::max(target, kept));
  std::memmove(buffer_->data(), held->data() + begin_, kept);
  begin_ = 0;
  end_ = kept;
  while (end_ < target && !at_end_) {
    const std::size_t got = VIGIE_TRY(source_->read(std::span(*buffer_).subspan(end_, target - end_)));
    end_ += got;
    at_end_ = got == 0;
  }
  return {};
}

Status RecordCutter::start() {
  using namespace std::string_view_literals;
  if (started_) return {};
  started_ = true;
  VIGIE_TRY(fill(std::max<std::size_t>(options_.chunk_bytes, 3)));
  if (pending().starts_with("\xEF\xBB\xBF"sv)) {
    (whole_ ? used_ : begin_) += 3;
    if (whole_) window_ -= 3;
  } else if (pending().starts_with("\xFF\xFE"sv) || pending().starts_with("\xFE\xFF"sv)) {
    return fail(Code::kInvalidData, "the text is UTF-16, not UTF-8", {.file = source_->name(), .line = 1, .column = 1},
                "convert it: iconv -f UTF-16 -t UTF-8");
  }
  return {};
}

Result<std::string_view> RecordCutter::front() {
  constexpr std::size_t kFrontBytes = std::size_t{1} << 16;
  VIGIE_TRY(start());
  VIGIE_TRY(fill(kFrontBytes));
  return pending().substr(0, kFrontBytes);
}

std::unexpected<Error> RecordCutter::incomplete(std::string_view record) const {
  if (record.size() > options_.max_record_bytes) {
    return std::unexpected(record_too_long(source_->name(), 1, options_.max_record_bytes));
  }
  const std::string_view before = record.substr(0, open_quote(record, options_.delimiter));
  const std::size_t feed = before.rfind('\n');
  return fail(Code::kInvalidData, "the quote opened here is never closed",
              {.file = source_->name(),
               .line = 1 + static_cast<std::uint64_t>(std::ranges::count(before, '\n')),
               .column = characters(before.substr(feed == kNone ? 0 : feed + 1)) + 1},
              "close it, or double it where it is part of the text");
}

Result<std::optional<RecordCutter::Chunk>> RecordCutter::next() {
  VIGIE_TRY(start());
  std::size_t target = options_.chunk_bytes;
  for (;;) {
    if (pending().size() < target && !at_end_) VIGIE_TRY(fill(target));
    if (whole_) VIGIE_TRY(fill(target));
    const std::string_view bytes = pending();
    if (bytes.empty() && at_end_) return std::nullopt;
    std::size_t cut = 0;
    if (options_.quotes && bytes.find('"') != kNone) {
      cut = whole_records(bytes, options_.delimiter, at_end_);
    } else if (at_end_) {
      cut = bytes.size();
    } else if (const std::size_t feed = bytes.rfind('\n'); feed != kNone) {
      cut = feed + 1;
    }
    if (cut > 0) {
      const std::string_view taken = bytes.substr(0, cut);
      if (whole_) {
        used_ += cut;
        window_ -= cut;
        return Chunk{nullptr, taken};
      }
      begin_ += cut;
      return Chunk{buffer_, taken};
    }
    if (bytes.size() > options_.max_record_bytes || at_end_) {
      return incomplete(bytes);
    }
    target = std::max(target, bytes.size()) * 2;
  }
}

}  // namespace vigie::dataset
