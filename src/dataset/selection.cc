#include "dataset/selection.h"

#include <algorithm>

namespace vigie::dataset {
namespace {

constexpr std::size_t kNamesShown = 12;

std::string listed(std::span<const std::string> names) {
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), kNamesShown); ++i) out += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kNamesShown) out += ", and " + std::to_string(names.size() - kNamesShown) + " more";
  return out;
}

}  // namespace

Result<std::vector<Selected>> select_columns(std::span<const std::string> names, const ReadOptions& options,
                                             const std::string& file) {
  std::vector<std::string> lacking;
  const auto find = [&](const std::string& name) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end() && std::ranges::find(lacking, name) == lacking.end()) lacking.push_back(name);
    return static_cast<std::size_t>(found - names.begin());
  };
  std::vector<Selected> selection;
  if (options.columns.empty()) {
    for (std::size_t i = 0; i < names.size(); ++i) selection.push_back({.index = i});
  }
  for (const auto& name : options.columns) {
    const std::size_t index = find(name);
    if (std::ranges::find(selection, index, &Selected::index) == selection.end()) selection.push_back({.index = index});
  }
  for (const auto& [name, type] : options.types) {
    const std::size_t index = find(name);
    const auto chosen = std::ranges::find(selection, index, &Selected::index);
    if (chosen == selection.end()) continue;
    chosen->type = type;
    chosen->given = true;
  }
  if (!lacking.empty()) {
    return fail(Code::kInvalidData, "the header lacks " + listed(lacking), {.file = file, .line = 1},
                "it has: " + listed(names));
  }
  return selection;
}

}  // namespace vigie::dataset
