#include "rules/yaml_problems.h"

#include <algorithm>
#include <tuple>

#include "base/nearest_name.h"
#include "base/utf8.h"
#include "rules/lexer.h"

namespace vigie::rules {
namespace {

constexpr std::size_t kMostProblems = 1'000;

Place place_of(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {.line = static_cast<std::uint64_t>(mark.line) + 1, .column = static_cast<std::uint64_t>(mark.column) + 1};
}

std::unexpected<std::vector<Error>> one_problem(Code code, std::string message, Place place, std::string_view file,
                                                std::string remedy) {
  place.file = file;
  return std::unexpected(std::vector<Error>{{code, std::move(message), std::move(place), std::move(remedy)}});
}

}  // namespace

bool YamlProblems::full() const { return all_.size() >= kMostProblems; }

void YamlProblems::add(const YAML::Node& node, std::string field, std::string message, std::string remedy) {
  Place place = place_of(node.Mark());
  place.field = std::move(field);
  add({Code::kInvalidData, std::move(message), std::move(place), std::move(remedy)});
}

void YamlProblems::add(Error error) {
  if (full()) return;
  error.place.file = file_;
  all_.push_back(std::move(error));
}

std::vector<Error> YamlProblems::sorted() && {
  std::ranges::sort(
      all_, {}, [](const Error& error) { return std::tie(error.place.line, error.place.column, error.place.field); });
  return std::move(all_);
}

std::expected<YAML::Node, std::vector<Error>> read_yaml(std::string_view yaml, std::string_view file,
                                                        std::size_t most) {
  if (yaml.size() > most) {
    return one_problem(Code::kResourceExhausted,
                       "the file is larger than " + std::to_string(most / (1024 * 1024)) + " MiB", {}, file,
                       "split it, or put values into lists");
  }
  if (const std::size_t valid = utf8_valid_prefix(yaml); valid < yaml.size()) {
    return one_problem(Code::kInvalidData, "this is not UTF-8", place_at(yaml, valid), file, "save the file as UTF-8");
  }
  try {
    return YAML::Load(std::string(yaml));
  } catch (const YAML::Exception& error) {
    return one_problem(Code::kInvalidData, "this is no YAML: " + error.msg, place_of(error.mark), file,
                       "put texts with : or # into quotes");
  }
}

std::string scalar_of(const YAML::Node& node) { return node.IsScalar() ? node.Scalar() : std::string(); }

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  const std::string_view nearest = nearest_name(word, known);
  if (!nearest.empty()) return "did you mean '" + std::string(nearest) + "'?";
  std::string out = "there are ";
  for (const std::string_view name : known) out += (name == known[0] ? "" : ", ") + std::string(name);
  return out;
}

std::string shortened(std::string_view text) {
  constexpr std::size_t kMost = 40;
  if (text.size() <= kMost) return std::string(text);
  std::size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

}  // namespace vigie::rules
