// Types as the checker has them, and the variables that rules may name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/value.h"

namespace vigie::rules {

// `kind`, inside `lists` lists: list(list(int)) is {kInt, 2}. An empty list is {kDyn, 1}.
struct Type {
  Kind kind = Kind::kDyn;
  std::uint8_t lists = 0;

  bool operator==(const Type&) const = default;
};

inline constexpr Type kDyn{Kind::kDyn, 0};

inline Type list_of(Type item) { return {item.kind, static_cast<std::uint8_t>(item.lists + 1)}; }
inline bool is_list(Type type) { return type.lists > 0; }
inline Type item_of(Type list) { return {list.kind, static_cast<std::uint8_t>(list.lists - 1)}; }

// Whether a value of type `given` may stand where `wanted` is asked for; dyn may stand everywhere, and anything for
// dyn.
bool fits(Type given, Type wanted);

// The type of what is either of both: `a` where they are the same, dyn where they have nothing in common.
Type join(Type a, Type b);

std::string to_string(Type type);  // "list(string)"

struct Variable {
  std::string name;  // "montant", "historique.n_24h"
  Type type;
  bool optional = false;
  std::uint32_t most =
      256;  // bytes of its text or items of its list; a longer one is an error of the rules that read it
  std::uint32_t most_item = 64;        // bytes of each item, which whoever fills the slot keeps to
  std::vector<std::string> choices{};  // all texts that it may be; empty: any
  // Whether whoever asks may leave it out; what is optional without that is so because of what came before.
  bool left_out = false;
};

// The variables of a rule, in the order of the slots that evaluation takes.
class VariableTable {
 public:
  // kInvalidArgument for a name that is no dotted identifier, is a word of the language or stands twice, and for more
  // than 65,535.
  static Result<VariableTable> make(std::vector<Variable> variables);

  std::optional<std::uint32_t> find(std::string_view name) const;
  const Variable& operator[](std::uint32_t slot) const { return variables_[slot]; }
  const std::vector<Variable>& all() const { return variables_; }
  std::size_t size() const { return variables_.size(); }

 private:
  std::vector<Variable> variables_;
  std::vector<std::uint32_t> by_name_;
};

}  // namespace vigie::rules
