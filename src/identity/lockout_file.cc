#include "identity/lockout_file.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/number.h"
#include "base/sha256.h"
#include "identity/client_network.h"

namespace vigie::identity {
namespace {

constexpr std::string_view kName = "vigie.lockouts ";
constexpr std::string_view kFirstLine = "vigie.lockouts 1\n";
constexpr std::string_view kSum = "sha256 ";
constexpr std::size_t kSumLine = kSum.size() + 64 + 1;
constexpr std::int64_t kEndOfTime = 253'402'300'799'999'999;  // of the year 9999, as format_time() has four digits

std::int64_t number_of(WallTime time) { return time.time_since_epoch().count(); }

// Digits without a sign or a leading zero, up to `most`.
std::optional<std::int64_t> whole_number(std::string_view text, std::int64_t most) {
  const auto number = parse_int(text);
  if (!number || *number < 0 || *number > most || std::to_string(*number) != text) return std::nullopt;
  return number;
}

std::optional<WallTime> time_of(std::string_view text) {
  const auto number = whole_number(text, kEndOfTime);
  if (!number) return std::nullopt;
  return WallTime(std::chrono::microseconds(*number));
}

// What stands before the next `separator`, which goes with it.
std::string_view take_until(std::string_view& text, char separator) {
  const auto at = text.find(separator);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return taken;
}

// Why the line is none, or an empty text.
std::string_view parse_line(std::string_view line, LockoutRecord& record) {
  if (std::ranges::count(line, ' ') != 3) return "a line has four parts, with a space between them";
  const std::string_view name = take_until(line, ' ');
  const auto network = http::parse_ip(name);
  if (!network || http::to_string(*network) != name || network_of(*network) != *network) {
    return "the first part is no network";
  }
  const auto until = time_of(take_until(line, ' '));
  const auto lockouts = whole_number(take_until(line, ' '), kMostLockoutsInARow);
  if (!until || !lockouts || (*lockouts == 0) != (number_of(*until) == 0)) {
    return "the second and third part are no lockout's end and number";
  }
  record = {.network = *network, .until = *until, .lockouts = static_cast<std::uint32_t>(*lockouts)};
  if (line == "-") return {};
  if (line.empty() || line.back() == ',') return "the fourth part is no list of times";
  while (!line.empty()) {
    const auto time = time_of(take_until(line, ','));
    if (!time) return "the fourth part is no list of times";
    if (!record.failures.empty() && *time < record.failures.back()) return "the times of failures do not ascend";
    if (record.failures.size() == kMostLockoutFailures) return "more than 50 failures";
    record.failures.push_back(*time);
  }
  return {};
}

std::unexpected<Error> refuse(std::string_view why, const std::string& file, std::size_t line) {
  return fail(Code::kInvalidData, std::string(why), {.file = file, .line = line},
              "bring back the file, or remove it and start with no lockouts");
}

}  // namespace

std::string write_lockouts(std::span<const LockoutRecord> records) {
  std::vector<const LockoutRecord*> sorted;
  sorted.reserve(records.size());
  for (const LockoutRecord& record : records) sorted.push_back(&record);
  std::ranges::sort(sorted, {}, &LockoutRecord::network);
  std::string text(kFirstLine);
  for (const LockoutRecord* record : sorted) {
    text += http::to_string(record->network);
    text += ' ' + std::to_string(number_of(record->until)) + ' ' + std::to_string(record->lockouts);
    char separator = ' ';
    for (const WallTime time : record->failures) {
      text += std::exchange(separator, ',');
      text += std::to_string(number_of(time));
    }
    text += record->failures.empty() ? " -\n" : "\n";
  }
  text += std::string(kSum) + sha256_hex(text) + '\n';
  return text;
}

Result<std::vector<LockoutRecord>> parse_lockouts(std::string_view text, const std::string& file) {
  if (!text.starts_with(kFirstLine)) {
    std::string_view rest = text;
    const std::string_view first = take_until(rest, '\n');
    const bool named = first.starts_with(kName) && first.size() < text.size();
    if (!named || !whole_number(first.substr(kName.size()), 1'000'000)) {
      return refuse("this is no file of lockouts", file, 1);
    }
    return fail(Code::kUnsupported, "a format of lockouts that this version cannot read", {.file = file, .line = 1},
                "use the version that wrote it, or remove the file and start with no lockouts");
  }
  const std::size_t lines_end = text.size() < kFirstLine.size() + kSumLine ? 0 : text.size() - kSumLine;
  const std::string_view sum = text.substr(lines_end);
  if (lines_end == 0 || text[lines_end - 1] != '\n' || !sum.starts_with(kSum) || sum.back() != '\n' ||
      sum.substr(kSum.size(), 64) != sha256_hex(text.substr(0, lines_end))) {
    return refuse("the file is torn, or was changed: its SHA-256 is not the one in its last line", file, 0);
  }
  std::string_view lines = text.substr(kFirstLine.size(), lines_end - kFirstLine.size());
  std::vector<LockoutRecord> records;
  for (std::size_t line = 2; !lines.empty(); ++line) {
    LockoutRecord record;
    const std::string_view why = parse_line(take_until(lines, '\n'), record);
    if (!why.empty()) return refuse(why, file, line);
    if (!records.empty() && record.network <= records.back().network) {
      return refuse("the networks do not ascend", file, line);
    }
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace vigie::identity
