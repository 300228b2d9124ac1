#include "rules/type.h"

#include <algorithm>
#include <numeric>

#include "rules/lexer.h"

namespace vigie::rules {

bool fits(Type given, Type wanted) {
  const std::uint8_t shared = std::min(given.lists, wanted.lists);
  given.lists = static_cast<std::uint8_t>(given.lists - shared);
  wanted.lists = static_cast<std::uint8_t>(wanted.lists - shared);
  return given == wanted || given == kDyn || wanted == kDyn;
}

Type join(Type a, Type b) {
  if (a == b) return a;
  const std::uint8_t shared = std::min(a.lists, b.lists);
  if (shared > 0 && fits(a, b)) return a.kind == Kind::kDyn ? a : b;
  return kDyn;
}

std::string to_string(Type type) {
  std::string out;
  for (int i = 0; i < type.lists; ++i) out += "list(";
  switch (type.kind) {
    case Kind::kTimestamp: out += "timestamp"; break;
    case Kind::kDuration: out += "duration"; break;
    case Kind::kNull: out += "null"; break;
    default: out += name_of(type.kind);
  }
  return out + std::string(type.lists, ')');
}

Result<VariableTable> VariableTable::make(std::vector<Variable> variables) {
  constexpr std::size_t kMost = 65'535;
  if (variables.size() > kMost) return fail(Code::kInvalidArgument, "more than 65,535 variables", {}, "declare fewer");
  VariableTable table;
  table.variables_ = std::move(variables);
  for (const Variable& variable : table.variables_) {
    if (!is_dotted_name(variable.name)) {
      return fail(Code::kInvalidArgument, "a rule cannot name this variable", {.field = variable.name},
                  "use letters, digits and _, parts joined by dots, none of them a word of the language");
    }
  }
  table.by_name_.resize(table.variables_.size());
  std::iota(table.by_name_.begin(), table.by_name_.end(), 0u);
  const auto name = [&](std::uint32_t slot) -> const std::string& { return table.variables_[slot].name; };
  std::ranges::sort(table.by_name_, {}, name);
  if (const auto twice = std::ranges::adjacent_find(table.by_name_, {}, name); twice != table.by_name_.end()) {
    return fail(Code::kInvalidArgument, "this variable is declared twice", {.field = name(*twice)},
                "rename one of them");
  }
  return table;
}

std::optional<std::uint32_t> VariableTable::find(std::string_view name) const {
  const auto name_at = [&](std::uint32_t slot) { return std::string_view(variables_[slot].name); };
  const auto found = std::ranges::lower_bound(by_name_, name, {}, name_at);
  if (found == by_name_.end() || name_at(*found) != name) return std::nullopt;
  return *found;
}

}  // namespace vigie::rules
