// The forms that settings have: each makes a row of the table from its key, its text and the member of Config that it
// sets. For config_table.cc and config_oidc.cc.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/number.h"
#include "cli/setting.h"
#include "cli/units.h"

namespace vigie::cli::forms {

inline constexpr auto kAnyCount = std::numeric_limits<std::int64_t>::max();

// One text that `parse` turns into a number in a range.
template <typename Parse, typename Print, typename Member>
Setting number(std::string_view key, std::string_view about, std::string_view form, std::int64_t least,
               std::int64_t most, Parse parse, Print print, Member member) {
  return {.key = std::string(key),
          .about = std::string(about),
          .form = std::string(form),
          .set =
              [=](const Texts& texts, Config& config) {
                if (texts.size() != 1) return false;
                const std::optional<std::int64_t> value = parse(texts[0]);
                if (!value || *value < least || *value > most) return false;
                auto& target = member(config);
                target = static_cast<std::remove_reference_t<decltype(target)>>(*value);
                return true;
              },
          .get = [=](const Config& config) { return Texts{print(member(config))}; }};
}

template <typename Member>
Setting count(std::string_view key, std::string_view about, std::int64_t least, std::int64_t most, Member member) {
  std::string form = "a whole number, at least " + std::to_string(least);
  if (most != kAnyCount) form += " and at most " + std::to_string(most);
  Setting setting = number(
      key, about, form, least, most, [](const std::string& text) { return parse_int(text); },
      [](auto value) { return std::to_string(value); }, member);
  setting.literal = true;
  return setting;
}

template <typename Member>
Setting bytes(std::string_view key, std::string_view about, std::int64_t least, Member member) {
  return number(
      key, about, "a size (64KiB, 1MiB, 2GiB), at least " + print_with_unit(least, kSizes), least, kAnyCount,
      [](const std::string& text) { return parse_with_unit(text, kSizes); },
      [](auto value) { return print_with_unit(static_cast<std::int64_t>(value), kSizes); }, member);
}

template <typename Member>
Setting duration(std::string_view key, std::string_view about, Member member, std::int64_t least = 1) {
  constexpr std::int64_t kLongest = 24 * 3'600'000;
  return number(
      key, about, "a duration (500ms, 10s, 5m), at least " + print_with_unit(least, kDurations) + " and at most 24h",
      least, kLongest, [](const std::string& text) { return parse_with_unit(text, kDurations); },
      [](std::chrono::milliseconds value) { return print_with_unit(value.count(), kDurations); }, member);
}

// `fits` lets a text through.
template <typename Fits, typename Member>
Setting text_that(std::string_view key, std::string_view about, std::string_view form, Fits fits, Member member) {
  return {.key = std::string(key),
          .about = std::string(about),
          .form = std::string(form),
          .set =
              [fits, member](const Texts& texts, Config& config) {
                if (texts.size() != 1 || !fits(texts[0])) return false;
                member(config) = texts[0];
                return true;
              },
          .get = [member](const Config& config) { return Texts{member(config)}; }};
}

template <typename Member>
Setting text(std::string_view key, std::string_view about, std::string_view form, Member member) {
  return text_that(key, about, form, [](const std::string&) { return true; }, member);
}

template <typename Member>
Setting secret(std::string_view key, std::string_view about, Member member) {
  Setting setting = text_that(
      key, about, "a secret: one line of text, without control characters",
      [](const std::string& given) {
        const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
        return given != kMask && std::ranges::none_of(given, is_control);
      },
      member);
  setting.secret = true;
  return setting;
}

// A list that `fits` lets through.
template <typename Fits, typename Member>
Setting texts_that(std::string_view key, std::string_view about, std::string_view form, Fits fits, Member member) {
  return {.key = std::string(key),
          .about = std::string(about),
          .form = std::string(form),
          .list = true,
          .set =
              [fits, member](const Texts& given, Config& config) {
                if (!fits(given)) return false;
                member(config) = given;
                return true;
              },
          .get = [member](const Config& config) { return Texts{member(config)}; }};
}

template <typename Member>
Setting names(std::string_view key, std::string_view about, Member member) {
  return texts_that(key, about, "a list of names", [](const Texts&) { return true; }, member);
}

// One of some words, each of which stands for a value.
template <typename Value, std::size_t Words, typename Member>
Setting choice(std::string_view key, std::string_view about,
               std::array<std::pair<std::string_view, Value>, Words> words, Member member) {
  std::string form;
  for (const auto& word : words) form.append(form.empty() ? "" : " or ").append(word.first);
  return {.key = std::string(key),
          .about = std::string(about),
          .form = std::move(form),
          .set =
              [=](const Texts& texts, Config& config) {
                if (texts.size() != 1) return false;
                const auto found = std::ranges::find(words, texts[0], &std::pair<std::string_view, Value>::first);
                if (found == words.end()) return false;
                member(config) = found->second;
                return true;
              },
          .get =
              [=](const Config& config) {
                const auto found =
                    std::ranges::find(words, member(config), &std::pair<std::string_view, Value>::second);
                return Texts{std::string(found->first)};
              }};
}

template <typename Member>
Setting flag(std::string_view key, std::string_view about, Member member) {
  Setting setting =
      choice(key, about, std::to_array<std::pair<std::string_view, bool>>({{"true", true}, {"false", false}}), member);
  setting.literal = true;
  return setting;
}

// A number from `least` to `most`.
template <typename Member>
Setting decimal(std::string_view key, std::string_view about, double least, double most, Member member) {
  return {.key = std::string(key),
          .about = std::string(about),
          .form = "a number from " + format_double(least) + " to " + format_double(most),
          .literal = true,
          .set =
              [=](const Texts& texts, Config& config) {
                if (texts.size() != 1) return false;
                const auto value = parse_double(texts[0]);
                if (!value || !(*value >= least && *value <= most)) return false;
                member(config) = *value;
                return true;
              },
          .get = [member](const Config& config) { return Texts{format_double(member(config))}; }};
}

// Such a number, or `unset`, a word, where the member has no value.
template <typename Member>
Setting decimal_or(std::string_view unset, std::string_view key, std::string_view about, double least, double most,
                   Member member) {
  Setting setting{
      .key = std::string(key),
      .about = std::string(about),
      .form = "a number from " + format_double(least) + " to " + format_double(most) + ", or " + std::string(unset),
      .literal = true,
      .unset = std::string(unset)};
  setting.set = [=, word = std::string(unset)](const Texts& texts, Config& config) {
    if (texts.size() == 1 && texts[0] == word) {
      member(config).reset();
      return true;
    }
    const auto value = texts.size() == 1 ? parse_double(texts[0]) : std::nullopt;
    if (!value || !(*value >= least && *value <= most)) return false;
    member(config) = value;
    return true;
  };
  setting.get = [=, word = std::string(unset)](const Config& config) {
    const std::optional<double>& value = member(config);
    return Texts{value ? format_double(*value) : word};
  };
  return setting;
}

template <typename Member>
Setting share(std::string_view key, std::string_view about, Member member) {
  return decimal(key, about, 0, 1, member);
}

inline Setting live(Setting setting) {
  setting.live = true;
  return setting;
}

inline Setting known_as(std::string variable, Setting setting) {
  setting.aliases.push_back(std::move(variable));
  return setting;
}

}  // namespace vigie::cli::forms
