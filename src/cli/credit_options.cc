#include "cli/credit_options.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/number.h"

namespace vigie::cli {
namespace {

std::unexpected<Error> refuse(std::string_view option, std::string_view text, std::string remedy) {
  return fail(Code::kInvalidArgument, "\"" + std::string(text) + "\" cannot be understood",
              {.field = std::string(option)}, std::move(remedy));
}

// The parts beside the first '='; nothing where one of them is empty.
std::optional<std::pair<std::string, std::string>> split(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size()) return std::nullopt;
  return std::pair(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
}

std::optional<std::vector<double>> parse_numbers(std::string_view text) {
  std::vector<double> numbers;
  while (true) {
    const auto comma = text.find(',');
    const auto number = parse_double(text.substr(0, comma));
    if (!number) return std::nullopt;
    numbers.push_back(*number);
    if (comma == std::string_view::npos) return numbers;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

Result<training::FieldSource> parse_mapping(std::string_view text) {
  auto parts = split(text);
  if (!parts) return refuse("--map", text, "write FIELD=COLUMN, or FIELD=COLUMN*FACTOR as in revenu=MonthlyIncome*12");
  training::FieldSource source{.field = std::move(parts->first), .column = std::move(parts->second)};
  // A column's own name may have a star in it: only a number behind the last one is a factor.
  const auto star = source.column.rfind('*');
  if (star == std::string::npos || star == 0) return source;
  if (const auto factor = parse_double(std::string_view(source.column).substr(star + 1))) {
    source.factor = *factor;
    source.column.resize(star);
  }
  return source;
}

Status add_special(training::CreditReading& reading, std::string_view text) {
  const auto parts = split(text);
  auto values = parts ? parse_numbers(parts->second) : std::nullopt;
  if (!values) return refuse("--special", text, "write FIELD=VALUE,VALUE, as in historique_impaye=96,98");
  // A field may be named again: its values add up.
  auto found = std::ranges::find(reading.special, parts->first, &std::pair<std::string, std::vector<double>>::first);
  if (found == reading.special.end()) found = reading.special.emplace(found, parts->first, std::vector<double>());
  for (const double value : *values) {
    if (std::ranges::find(found->second, value) != found->second.end()) {
      return fail(Code::kInvalidArgument, format_double(value) + " is given twice for " + parts->first,
                  {.field = "--special"}, "give each value once");
    }
    found->second.push_back(value);
  }
  return {};
}

Status add_trend(training::CreditReading& reading, std::string_view text) {
  const auto parts = split(text);
  constexpr std::array kTrends = {model::Trend::kRising, model::Trend::kFalling, model::Trend::kPeak,
                                  model::Trend::kValley};
  for (const model::Trend trend : kTrends) {
    if (!parts || parts->second != model::to_string(trend)) continue;
    if (std::ranges::find(reading.trends, parts->first, &std::pair<std::string, model::Trend>::first) !=
        reading.trends.end()) {
      return fail(Code::kInvalidArgument, parts->first + " has a trend already", {.field = "--trend"},
                  "give one of them");
    }
    reading.trends.emplace_back(parts->first, trend);
    return {};
  }
  return refuse("--trend", text, "write FIELD=rising, falling, peak or valley: how the risk goes");
}

Status set_target(training::CreditReading& reading, std::string_view text) {
  if (text.find('=') == std::string_view::npos && !text.empty()) {
    reading.target = text;
    return {};
  }
  auto parts = split(text);
  if (!parts) return refuse("--target", text, "write COLUMN or COLUMN=VALUE, as in Class=2");
  reading.target = std::move(parts->first);
  reading.bad = std::move(parts->second);
  return {};
}

Status add_good(training::CreditReading& reading, std::string_view text) {
  while (true) {
    const auto comma = text.find(',');
    const std::string value(text.substr(0, comma));
    if (value.empty()) return refuse("--good", text, "write VALUE,VALUE: what the target has of those who repaid");
    if (std::ranges::find(reading.good, value) == reading.good.end()) reading.good.push_back(value);
    if (comma == std::string_view::npos) return {};
    text.remove_prefix(comma + 1);
  }
}

Result<char> parse_delimiter(std::string_view text) {
  constexpr std::pair<std::string_view, char> kNames[] = {{"comma", ','}, {"semicolon", ';'}, {"tab", '\t'},
                                                          {"space", ' '}, {"bar", '|'},       {"auto", '\0'}};
  for (const auto& [name, character] : kNames) {
    if (text == name) return character;
  }
  if (text.size() == 1) return text.front();
  return refuse("--delimiter", text, "give comma, semicolon, tab, space, bar, auto or one character");
}

Result<model::CreditThresholds> parse_thresholds(std::string_view text) {
  const auto numbers = parse_numbers(text);
  if (!numbers || numbers->size() != 3) return refuse("--thresholds", text, "write three points, as in 300,600,800");
  const model::CreditThresholds thresholds{(*numbers)[0], (*numbers)[1], (*numbers)[2]};
  VIGIE_TRY(model::validate(thresholds));
  return thresholds;
}

}  // namespace vigie::cli
