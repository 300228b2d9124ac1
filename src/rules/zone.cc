#include "rules/zone.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "base/file.h"

namespace vigie::rules {
namespace {

std::unexpected<Error> broken() {
  return fail(Code::kInvalidData, "this is no time zone file", {}, "install the system's time zones again (tzdata)");
}

std::optional<int> take_number(std::string_view& text, int most) {
  std::size_t digits = 0;
  int number = 0;
  while (digits < text.size() && digits < 3 && text[digits] >= '0' && text[digits] <= '9') {
    number = number * 10 + (text[digits++] - '0');
  }
  if (digits == 0 || number > most) return std::nullopt;
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// [+-]h[:m[:s]] in seconds.
std::optional<std::int64_t> take_time(std::string_view& text) {
  const bool negative = take(text, '-');
  if (!negative) take(text, '+');
  std::int64_t seconds = 0;
  std::int64_t unit = 3600;
  do {
    const auto part = take_number(text, unit == 3600 ? 167 : 59);
    if (!part) return std::nullopt;
    seconds += *part * unit;
    unit /= 60;
  } while (unit > 0 && take(text, ':'));
  return negative ? -seconds : seconds;
}

// CET or <+03>.
bool take_name(std::string_view& text) {
  const std::size_t length = text.starts_with('<') ? text.find('>') + 1 : text.find_first_of("+-0123456789,");
  if (length == 0 || length > text.size()) {
    const bool rest = length == std::string_view::npos && !text.empty();
    if (rest) text = {};
    return rest;
  }
  text.remove_prefix(length);
  return true;
}

// M3.5.0/2
std::optional<YearlyChange> take_change(std::string_view& text) {
  YearlyChange change;
  if (!take(text, ',') || !take(text, 'M')) return std::nullopt;
  const auto month = take_number(text, 12);
  if (!month || *month < 1 || !take(text, '.')) return std::nullopt;
  const auto week = take_number(text, 5);
  if (!week || *week < 1 || !take(text, '.')) return std::nullopt;
  const auto day = take_number(text, 6);
  if (!day) return std::nullopt;
  change.month = *month;
  change.week = *week;
  change.day = *day;
  if (take(text, '/')) {
    const auto time = take_time(text);
    if (!time) return std::nullopt;
    change.time = *time;
  }
  return change;
}

// The last line of a TZif file, as POSIX has it in TZ: "CET-1CEST,M3.5.0,M10.5.0/3".
std::optional<Zone::Yearly> parse_yearly(std::string_view text) {
  if (!take_name(text)) return std::nullopt;
  const auto standard = take_time(text);  // POSIX counts hours behind UTC
  if (!standard || text.empty() || !take_name(text)) return std::nullopt;
  std::int64_t summer = -*standard + 3600;
  if (!text.starts_with(',')) {
    const auto given = take_time(text);
    if (!given) return std::nullopt;
    summer = -*given;
  }
  const auto to_summer = take_change(text);
  if (!to_summer) return std::nullopt;
  const auto to_standard = take_change(text);
  if (!to_standard || !text.empty()) return std::nullopt;
  return Zone::Yearly{-*standard, summer, *to_summer, *to_standard};
}

// UTC seconds of a change in `year`, where the clocks are `offset` ahead until then.
std::int64_t moment_of(const YearlyChange& change, std::chrono::year year, std::int64_t offset) {
  using namespace std::chrono;
  const weekday day(static_cast<unsigned>(change.day));
  const auto month = year / std::chrono::month(static_cast<unsigned>(change.month));
  const sys_days date =
      change.week == 5 ? sys_days(month / day[last]) : sys_days(month / day[static_cast<unsigned>(change.week)]);
  return sys_seconds(date).time_since_epoch().count() + change.time - offset;
}

std::int64_t offset_in(const Zone::Yearly& yearly, std::int64_t seconds) {
  using namespace std::chrono;
  const auto year = year_month_day(floor<days>(sys_seconds(std::chrono::seconds(seconds + yearly.standard)))).year();
  const std::int64_t begin = moment_of(yearly.to_summer, year, yearly.standard);
  const std::int64_t end = moment_of(yearly.to_standard, year, yearly.summer);
  const bool summer = begin < end ? seconds >= begin && seconds < end : seconds >= begin || seconds < end;
  return summer ? yearly.summer : yearly.standard;
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  bool skip(std::uint64_t count) {
    if (count > bytes_.size()) return false;
    bytes_.remove_prefix(count);
    return true;
  }
  // A big-endian signed number of `size` bytes that are known to be there.
  std::int64_t number(std::size_t size) {
    std::uint64_t value = static_cast<unsigned char>(bytes_[0]) >= 0x80 ? ~std::uint64_t{0} : 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes_[i]);
    bytes_.remove_prefix(size);
    return static_cast<std::int64_t>(value);
  }
  std::string_view rest() const { return bytes_; }

 private:
  std::string_view bytes_;
};

struct Counts {
  std::uint64_t universal, standard, leap, moments, types, letters;
};

std::optional<Counts> take_header(Reader& reader) {
  if (reader.rest().size() < 44 || !reader.rest().starts_with("TZif") || reader.rest()[4] < '2') return std::nullopt;
  reader.skip(20);
  Counts counts{};
  for (std::uint64_t* count :
       {&counts.universal, &counts.standard, &counts.leap, &counts.moments, &counts.types, &counts.letters}) {
    const std::int64_t given = reader.number(4);
    if (given < 0 || given > 65'536) return std::nullopt;
    *count = static_cast<std::uint64_t>(given);
  }
  return counts;
}

// How many bytes stand behind a header, where moments have `size` bytes.
std::uint64_t body_size(const Counts& counts, std::uint64_t size) {
  return counts.moments * (size + 1) + counts.types * 6 + counts.letters + counts.leap * (size + 4) + counts.standard +
         counts.universal;
}

}  // namespace

std::int64_t offset_at(const Zone& zone, std::int64_t seconds) {
  const auto after = std::ranges::upper_bound(zone.moments, seconds);
  if (after == zone.moments.end() && zone.yearly) return offset_in(*zone.yearly, seconds);
  return zone.offsets[static_cast<std::size_t>(after - zone.moments.begin())];
}

std::optional<std::int64_t> parse_offset(std::string_view text) {
  if (text == "UTC" || text == "Z" || text == "z") return 0;
  const bool negative = take(text, '-');
  if (!negative) take(text, '+');
  const auto two_digits = [&](int most) -> std::optional<int> {
    if (text.size() < 2 || text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') return std::nullopt;
    const int number = (text[0] - '0') * 10 + (text[1] - '0');
    text.remove_prefix(2);
    return number <= most ? std::optional(number) : std::nullopt;
  };
  const auto hours = two_digits(23);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = two_digits(59);
  if (!minutes || !text.empty()) return std::nullopt;
  return (negative ? -1 : 1) * (*hours * 3600 + *minutes * 60);
}

Result<Zone> parse_zone(std::string_view bytes) {
  Reader reader(bytes);
  // Files repeat themselves: first with moments of 32 bits, for old readers, then with 64.
  const auto old = take_header(reader);
  if (!old || !reader.skip(body_size(*old, 4))) return broken();
  const auto counts = take_header(reader);
  if (!counts || counts->types == 0 || reader.rest().size() < body_size(*counts, 8)) return broken();
  Zone zone;
  for (std::uint64_t i = 0; i < counts->moments; ++i) zone.moments.push_back(reader.number(8));
  const std::string_view types = reader.rest().substr(0, counts->moments);
  reader.skip(counts->moments);
  std::vector<std::int64_t> offsets;
  for (std::uint64_t i = 0; i < counts->types; ++i) {
    offsets.push_back(reader.number(4));
    if (offsets.back() < -86'400 || offsets.back() > 86'400) return broken();
    reader.skip(2);
  }
  zone.offsets.push_back(offsets[0]);
  for (const char type : types) {
    const auto index = static_cast<unsigned char>(type);
    if (index >= offsets.size()) return broken();
    zone.offsets.push_back(offsets[index]);
  }
  if (!std::ranges::is_sorted(zone.moments)) return broken();
  reader.skip(counts->letters + counts->leap * 12 + counts->standard + counts->universal);
  std::string_view line = reader.rest();
  if (take(line, '\n')) zone.yearly = parse_yearly(line.substr(0, line.find('\n')));
  return zone;
}

Result<std::shared_ptr<const Zone>> ZoneCache::find(const std::string& name) {
  if (const auto known = zones_.find(name); known != zones_.end()) return known->second;
  const bool plain =
      !name.empty() && name[0] != '/' && name.find("..") == std::string::npos &&
      name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") == std::string::npos;
  const std::filesystem::path path = std::filesystem::path("/usr/share/zoneinfo") / (plain ? name : "");
  const auto bytes = plain && std::filesystem::is_regular_file(path) ? read_file(path)
                                                                     : Result<std::string>(fail(Code::kNotFound, ""));
  if (!bytes) {
    return fail(
        Code::kNotFound, "this machine knows no time zone '" + name + "'", {},
        "write a zone such as 'Europe/Paris' (the system's tzdata must be installed) or an offset such as '+01:00'");
  }
  auto zone = std::make_shared<const Zone>(VIGIE_TRY(parse_zone(*bytes)));
  zones_.emplace(name, zone);
  return zone;
}

}  // namespace vigie::rules
