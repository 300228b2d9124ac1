// A rule's text as a tree, before and after its types are known.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/function.h"
#include "rules/pattern.h"
#include "rules/type.h"
#include "rules/value.h"
#include "rules/zone.h"

namespace vigie::rules {

// Deeper than any text that a person writes; what bounds the recursion of those who walk the tree.
inline constexpr std::uint32_t kMostDepth = 96;
// Macros inside each other.
inline constexpr std::size_t kMostLoops = 4;

enum class NodeKind : std::uint8_t {
  kLiteral,  // literal(node)
  kName,     // name, which may be dotted once it is checked
  kSelect,   // children[0].name
  kHas,      // has(children[0])
  kList,     // [children...]
  kNot,      // !children[0]
  kNegate,   // -children[0]
  kAnd,      // all children, two at least
  kOr,
  kConditional,  // children[0] ? children[1] : children[2]
  kBinary,       // children[0] op children[1]
  kIndex,        // children[0][children[1]]
  kCall,         // name(children...)
  kMethod,       // children[0].name(children[1]...)
  kMacro,        // children[0].all(name, children[1]); map and filter: see Macro
};

enum class Operator : std::uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kEqual,
  kUnequal,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIn
};

enum class Macro : std::uint8_t {
  kAll,
  kExists,
  kExistsOne,
  kMap,     // children: list, what becomes of an item; or list, which items, what becomes of them
  kFilter,  // children: list, which items
};

enum class Reference : std::uint8_t { kNone, kVariable, kItem, kTypeName };

using NodeId = std::uint32_t;

struct Node {
  NodeKind kind = NodeKind::kLiteral;
  Operator op = Operator::kAdd;
  Macro macro = Macro::kAll;
  std::uint32_t at = 0;      // its first byte in the text, or its operator's
  std::uint32_t height = 1;  // of the tree below
  std::string name{};        // of literals: their text
  Value value{};             // of literals; its text stands in `name`
  std::vector<NodeId> children{};
  // By the checker:
  Type type{};
  Reference reference = Reference::kNone;
  std::uint32_t index = 0;  // of the variable, or of the loop whose item this is (0 is the outermost)
  const Function* function = nullptr;
};

// The text is the caller's.
struct Expression {
  std::string_view text;
  std::vector<Node> nodes;
  NodeId root = 0;
  std::vector<std::shared_ptr<const Zone>> zones;        // that literals name
  std::vector<std::shared_ptr<const Pattern>> patterns;  // that literals are

  const Node& operator[](NodeId id) const { return nodes[id]; }
};

// A literal's value, which sees the node's text.
Value literal(const Node& node);

// Errors: kInvalidData with line and column for what the grammar does not have; kUnsupported for what CEL has and this
// part of it leaves out (maps, messages, ...).
Result<Expression> parse_expression(std::string_view text);

// How many units of work (about an instruction, or 16 bytes) evaluating takes at most, with text and lists as long as
// their variables declare; saturates.
std::uint64_t worst_cost(const Expression& expression, const VariableTable& variables);

// Finds the types and what names mean. Errors: kInvalidData for types that do not fit, kNotFound for unknown names,
// each with a hint.
Status check_expression(Expression& expression, const VariableTable& variables, ZoneCache& zones);

}  // namespace vigie::rules
