#include <algorithm>
#include <array>
#include <optional>

#include "base/folded_text.h"
#include "base/nearest_name.h"
#include "rules/expression.h"
#include "rules/lexer.h"

namespace vigie::rules {
namespace {

constexpr Type kBool{Kind::kBool, 0};
constexpr Type kInt{Kind::kInt, 0};

// Of all patterns of a rule: compiling them takes time and memory, at each load.
constexpr std::size_t kMostPatternSteps = 16'384;

struct TypeName {
  std::string_view name;
  Kind kind;
};

constexpr std::array<TypeName, 11> kTypeNames = {{{"bool", Kind::kBool},
                                                  {"int", Kind::kInt},
                                                  {"uint", Kind::kUint},
                                                  {"double", Kind::kDouble},
                                                  {"string", Kind::kString},
                                                  {"bytes", Kind::kBytes},
                                                  {"list", Kind::kList},
                                                  {"null_type", Kind::kNull},
                                                  {"type", Kind::kType},
                                                  {"google.protobuf.Timestamp", Kind::kTimestamp},
                                                  {"google.protobuf.Duration", Kind::kDuration}}};

constexpr std::array<std::string_view, 12> kSymbols = {"+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in"};

bool is_number(Type type) {
  return !is_list(type) && (type.kind == Kind::kInt || type.kind == Kind::kUint || type.kind == Kind::kDouble);
}
bool is(Type type, Kind kind) { return type == Type{kind, 0}; }

// Whether == between them may ever be true: numbers of all types, in lists too.
bool comparable(Type a, Type b) {
  if (fits(a, b)) return true;
  return a.lists == b.lists && is_number({a.kind, 0}) && is_number({b.kind, 0});
}

bool has_order(Type a, Type b) {
  if (is_number(a) && is_number(b)) return true;
  for (const Kind kind : {Kind::kBool, Kind::kString, Kind::kBytes, Kind::kTimestamp, Kind::kDuration}) {
    if (is(a, kind) || is(b, kind)) return fits(a, b);
  }
  // Of the kinds left, dyn alone may turn out to have an order.
  return (a == kDyn && (b == kDyn || is_number(b))) || (b == kDyn && is_number(a));
}

// The type of a op b, or nothing where that does not exist.
std::optional<Type> arithmetic(Operator op, Type a, Type b) {
  if (a == kDyn && b == kDyn) return kDyn;
  if (a == kDyn || b == kDyn) {
    const Type known = a == kDyn ? b : a;
    if (is(known, Kind::kTimestamp) || is(known, Kind::kDuration)) return kDyn;
    a = b = known;
  }
  const bool sum = op == Operator::kAdd;
  const bool difference = op == Operator::kSubtract;
  if (is(a, Kind::kTimestamp) && is(b, Kind::kDuration) && (sum || difference)) return a;
  if (is(a, Kind::kDuration) && is(b, Kind::kTimestamp) && sum) return b;
  if (is(a, Kind::kTimestamp) && is(b, Kind::kTimestamp) && difference) return Type{Kind::kDuration, 0};
  if (is_list(a) && is_list(b) && sum) return list_of(join(item_of(a), item_of(b)));
  if (a != b) return std::nullopt;
  if (is(a, Kind::kDuration) && (sum || difference)) return a;
  if ((is(a, Kind::kString) || is(a, Kind::kBytes)) && sum) return a;
  if (is(a, Kind::kDouble) && op == Operator::kModulo) return std::nullopt;
  if (is_number(a)) return a;
  return std::nullopt;
}

class Checker {
 public:
  Checker(Expression& expression, const VariableTable& variables, ZoneCache& zones)
      : made_(expression), variables_(variables), zones_(zones) {}

  Status check(NodeId id) {
    switch (made_.nodes[id].kind) {
      case NodeKind::kLiteral: node(id).type = literal_type(node(id)); return {};
      case NodeKind::kName:
      case NodeKind::kSelect: return name(id);
      case NodeKind::kHas: return has(id);
      case NodeKind::kMacro: return macro(id);
      case NodeKind::kCall:
      case NodeKind::kMethod:
        // First, so that math.greatest(a, b) is an unknown function and not an unknown field math.
        if (!is_function(node(id))) return unknown_function(id);
        break;
      default: break;
    }
    for (const NodeId child : node(id).children) VIGIE_TRY(check(child));
    switch (node(id).kind) {
      case NodeKind::kList: return list(id);
      case NodeKind::kNot:
      case NodeKind::kAnd:
      case NodeKind::kOr: return logic(id);
      case NodeKind::kNegate: return negation(id);
      case NodeKind::kConditional: return conditional(id);
      case NodeKind::kBinary: return binary(id);
      case NodeKind::kIndex: return index(id);
      default: return call(id);
    }
  }

 private:
  Node& node(NodeId id) { return made_.nodes[id]; }
  Node& child(NodeId id, std::size_t i) { return made_.nodes[made_.nodes[id].children[i]]; }

  std::unexpected<Error> refuse(const Node& where, std::string message, std::string remedy,
                                Code code = Code::kInvalidData) const {
    return fail(code, std::move(message), place_at(made_.text, where.at), std::move(remedy));
  }

  static Type literal_type(const Node& node) { return {node.value.kind(), 0}; }

  // a.b.c as one name; nothing where something else stands before the point.
  std::optional<std::string> dotted(NodeId id) {
    const Node& named = node(id);
    if (named.kind == NodeKind::kName) return named.name;
    if (named.kind != NodeKind::kSelect) return std::nullopt;
    auto before = dotted(named.children[0]);
    if (before) *before += "." + named.name;
    return before;
  }

  const Node& first_of(NodeId id) {
    while (node(id).kind == NodeKind::kSelect) id = node(id).children[0];
    return node(id);
  }

  Status name(NodeId id) {
    const auto name = dotted(id);
    if (!name) {
      return refuse(node(id), "'." + node(id).name + "' is no field",
                    "fields are named by what declares them, as in historique.n_24h");
    }
    Node& made = node(id);
    for (std::size_t i = items_.size(); i-- > 0;) {
      if (items_[i].name == *name) {
        made.reference = Reference::kItem;
        made.index = static_cast<std::uint32_t>(i);
        made.type = items_[i].type;
        return {};
      }
    }
    if (const auto slot = variables_.find(*name)) {
      made.reference = Reference::kVariable;
      made.index = *slot;
      made.type = variables_[*slot].type;
      return {};
    }
    for (const auto& [known, kind] : kTypeNames) {
      if (known == *name) {
        made.reference = Reference::kTypeName;
        made.value = Value::type(kind);
        made.type = {Kind::kType, 0};
        return {};
      }
    }
    return unknown_field(id, *name);
  }

  std::unexpected<Error> unknown_field(NodeId id, const std::string& name) {
    if (name == "map") {
      return refuse(first_of(id), "maps and messages are not part of the rules' language", "use lists and fields",
                    Code::kUnsupported);
    }
    std::vector<std::string_view> known;
    for (const Variable& variable : variables_.all()) known.push_back(variable.name);
    for (const Item& item : items_) known.push_back(item.name);
    const std::string_view nearest = nearest_name(name, known);
    std::string remedy = "see the list of fields in the rules' documentation; text stands in quotes";
    if (!nearest.empty()) remedy = "did you mean '" + std::string(nearest) + "'?";
    return refuse(first_of(id), "there is no field '" + name + "'", std::move(remedy), Code::kNotFound);
  }

  Status has(NodeId id) {
    const NodeId field = node(id).children[0];
    VIGIE_TRY(name(field));
    if (node(field).reference != Reference::kVariable) {
      return refuse(node(field), "has() takes a field", "write has(pays)");
    }
    node(id).type = kBool;
    node(id).index = node(field).index;
    return {};
  }

  Status list(NodeId id) {
    Type item = kDyn;
    const std::vector<NodeId>& items = node(id).children;
    for (std::size_t i = 0; i < items.size(); ++i)
      item = i == 0 ? node(items[0]).type : join(item, node(items[i]).type);
    node(id).type = list_of(item);
    return {};
  }

  Status logic(NodeId id) {
    const char* const symbol = node(id).kind == NodeKind::kNot ? "!" : node(id).kind == NodeKind::kAnd ? "&&" : "||";
    for (const NodeId part : node(id).children) {
      if (!fits(node(part).type, kBool)) {
        return refuse(node(part), std::string(symbol) + " takes conditions, and this is " + described(node(part).type),
                      "compare it with something, as in montant > 1000.0");
      }
    }
    node(id).type = kBool;
    return {};
  }

  Status negation(NodeId id) {
    const Type type = child(id, 0).type;
    if (type != kDyn && !is(type, Kind::kInt) && !is(type, Kind::kDouble) && !is(type, Kind::kDuration)) {
      return refuse(node(id), "- takes a number, and this is " + described(type), "take the - away");
    }
    node(id).type = type;
    return {};
  }

  Status conditional(NodeId id) {
    if (!fits(child(id, 0).type, kBool)) {
      return refuse(child(id, 0), "? takes a condition, and this is " + described(child(id, 0).type),
                    "write condition ? value : other value");
    }
    const Type yes = child(id, 1).type;
    const Type no = child(id, 2).type;
    if (!fits(yes, no)) {
      return refuse(child(id, 2), "one side of : is " + described(yes) + ", the other " + described(no),
                    "give both the same type");
    }
    node(id).type = join(yes, no);
    return {};
  }

  Status binary(NodeId id) {
    const Operator op = node(id).op;
    const Type a = child(id, 0).type;
    const Type b = child(id, 1).type;
    switch (op) {
      case Operator::kEqual:
      case Operator::kUnequal:
        if (!comparable(a, b)) return mismatch(id, a, b);
        VIGIE_TRY(choice(child(id, 0), child(id, 1)));
        VIGIE_TRY(choice(child(id, 1), child(id, 0)));
        node(id).type = kBool;
        return {};
      case Operator::kLess:
      case Operator::kLessEqual:
      case Operator::kGreater:
      case Operator::kGreaterEqual:
        if (!has_order(a, b)) return mismatch(id, a, b);
        node(id).type = kBool;
        return {};
      case Operator::kIn:
        if (b != kDyn && (!is_list(b) || !comparable(a, item_of(b)))) return mismatch(id, a, b);
        if (child(id, 1).kind == NodeKind::kList) {
          for (const NodeId item : child(id, 1).children) VIGIE_TRY(choice(child(id, 0), node(item)));
        }
        node(id).type = kBool;
        return {};
      default: {
        const auto type = arithmetic(op, a, b);
        if (!type) return mismatch(id, a, b);
        node(id).type = *type;
        return {};
      }
    }
  }

  // A text that the variable beside it never is makes a rule that never fires, or always.
  Status choice(const Node& named, const Node& text) const {
    if (named.reference != Reference::kVariable) return {};
    if (text.kind != NodeKind::kLiteral || text.value.kind() != Kind::kString) return {};
    const Variable& variable = variables_[named.index];
    if (variable.choices.empty() || std::ranges::find(variable.choices, text.name) != variable.choices.end()) return {};
    std::vector<std::string> folded;
    for (const std::string& each : variable.choices) folded.push_back(folded_text(each));
    const std::vector<std::string_view> known(folded.begin(), folded.end());
    const std::string_view nearest = nearest_name(folded_text(text.name), known);
    std::string remedy;
    for (std::size_t i = 0; i < known.size(); ++i) {
      if (!nearest.empty() && known[i] == nearest) remedy = "did you mean '" + variable.choices[i] + "'?";
    }
    if (remedy.empty()) {
      for (const std::string& each : variable.choices) remedy += (remedy.empty() ? "it is '" : "', '") + each;
      remedy += "'";
    }
    return refuse(text, "'" + variable.name + "' is never this text", std::move(remedy));
  }

  static std::string folded_text(std::string_view text) {
    std::string out(text.size(), '\0');
    const auto length = fold_text(text, out.data());
    out.resize(length.value_or(0));
    return out;
  }

  std::unexpected<Error> mismatch(NodeId id, Type a, Type b) {
    const std::string symbol(kSymbols[static_cast<std::size_t>(node(id).op)]);
    std::string remedy = "compare or combine values of the same type";
    if (symbol == "in") {
      remedy = is_list(b) ? "look for what the list holds" : "write a list behind in, as in pays in ['NG', 'RU']";
    } else if (is_number(a) && is_number(b)) {
      remedy = symbol == "%" ? "% takes ints: write int(...)"
                             : "write numbers as doubles, as in 3.0, or convert with double(...)";
    } else if ((is_number(a) && is(b, Kind::kString)) || (is(a, Kind::kString) && is_number(b))) {
      remedy = "write numbers without quotes, or convert with double(...)";
    } else if ((is(a, Kind::kTimestamp) && is(b, Kind::kString)) || (is(a, Kind::kString) && is(b, Kind::kTimestamp))) {
      remedy = "write timestamp('2026-01-31T00:00:00Z')";
    } else if (is(a, Kind::kDuration) || is(b, Kind::kDuration)) {
      remedy = "write durations as duration('24h')";
    } else if (is(a, Kind::kNull) || is(b, Kind::kNull)) {
      remedy = "write has(field) to ask whether a field is there";
    }
    return refuse(node(id), "'" + symbol + "' does not exist between " + described(a) + " and " + described(b),
                  std::move(remedy));
  }

  Status index(NodeId id) {
    const Type list = child(id, 0).type;
    const Type at = child(id, 1).type;
    if (list != kDyn && !is_list(list))
      return refuse(node(id), "[ ] takes a list, and this is " + described(list), "write list[0]");
    if (!fits(at, kInt))
      return refuse(child(id, 1), "a position is an int, and this is " + described(at), "count from 0");
    node(id).type = list == kDyn ? kDyn : item_of(list);
    return {};
  }

  Status macro(NodeId id) {
    VIGIE_TRY(check(node(id).children[0]));
    const Type list = child(id, 0).type;
    if (list != kDyn && !is_list(list)) {
      return refuse(child(id, 0), "this takes a list, and it is " + described(list), "write list.exists(x, ...)");
    }
    if (items_.size() == kMostLoops) {
      return refuse(node(id), "more than 4 of these inside each other", "split the expression into several rules");
    }
    const Type item = list == kDyn ? kDyn : item_of(list);
    items_.push_back({node(id).name, item});
    node(id).index = static_cast<std::uint32_t>(items_.size() - 1);
    for (std::size_t i = 1; i < node(id).children.size(); ++i) VIGIE_TRY(check(node(id).children[i]));
    items_.pop_back();
    const Macro macro = node(id).macro;
    const bool transforms = macro == Macro::kMap;
    const bool tests = !transforms || node(id).children.size() == 3;
    if (tests && !fits(child(id, 1).type, kBool)) {
      return refuse(child(id, 1), "this takes a condition, and it is " + described(child(id, 1).type),
                    "compare the item with something");
    }
    node(id).type = kBool;
    if (transforms) node(id).type = list_of(made_.nodes[node(id).children.back()].type);
    if (macro == Macro::kFilter) node(id).type = list_of(item);
    return {};
  }

  Status call(NodeId id) {
    const bool method = node(id).kind == NodeKind::kMethod;
    const std::string name = node(id).name;
    const Overload* found = nullptr;
    bool several = false;
    for (const Overload& overload : overloads()) {
      if (overload.function->name != name || overload.method != method) continue;
      if (overload.count != node(id).children.size()) continue;
      bool match = true;
      for (std::size_t i = 0; match && i < overload.count; ++i) match = fits(child(id, i).type, overload.parameters[i]);
      if (!match) continue;
      several = several || (found != nullptr && found->result != overload.result);
      if (found == nullptr) found = &overload;
    }
    if (found == nullptr) return wrong_arguments(id, name);
    node(id).function = found->function;
    node(id).type = several ? kDyn : found->result;
    // What dyn() gives is what it was given, but nobody is to look.
    if (takes_zone(*found)) return zone(node(id).children[1]);
    if (takes_pattern(*found)) return pattern(node(id).children[1]);
    return {};
  }

  // A zone that stands in the text is read now.
  Status zone(NodeId id) {
    Node& named = node(id);
    if (named.kind != NodeKind::kLiteral || named.value.kind() != Kind::kString || parse_offset(named.name)) return {};
    auto found = zones_.find(named.name);
    if (!found) return refuse(named, found.error().message, found.error().remedy, found.error().code);
    named.value = Value::zone(**found);
    made_.zones.push_back(std::move(*found));
    return {};
  }

  // Compiling a pattern is no work for a decision.
  Status pattern(NodeId id) {
    Node& given = node(id);
    if (given.kind != NodeKind::kLiteral) {
      return refuse(given, "a pattern has to stand in the text of the rule", "write field.matches('^[A-Z]{2}$')",
                    Code::kUnsupported);
    }
    auto made = Pattern::make(given.name);
    if (!made) return refuse(given, made.error().message, made.error().remedy, made.error().code);
    steps_ += made->steps();
    if (steps_ > kMostPatternSteps) {
      return refuse(given, "the patterns of this rule are too large together", "repeat less in them, or split the rule",
                    Code::kResourceExhausted);
    }
    auto kept = std::make_shared<const Pattern>(std::move(*made));
    given.value = Value::pattern(*kept);
    made_.patterns.push_back(std::move(kept));
    return {};
  }

  static bool is_function(const Node& call) {
    return std::ranges::any_of(overloads(), [&](const Overload& overload) {
      return overload.function->name == call.name && overload.method == (call.kind == NodeKind::kMethod);
    });
  }

  std::unexpected<Error> unknown_function(NodeId id) {
    const std::string& name = node(id).name;
    const bool method = node(id).kind == NodeKind::kMethod;
    std::vector<std::string_view> known;
    bool other_way = false;
    for (const Overload& overload : overloads()) {
      if (overload.function->name == name) other_way = true;
      if (overload.method == method) known.push_back(overload.function->name);
    }
    if (method) known.insert(known.end(), {"all", "exists", "exists_one", "map", "filter"});
    if (!method) known.push_back("has");
    std::string remedy = "see the list of functions in the rules' documentation";
    if (other_way) {
      remedy = method ? "write " + name + "(x)" : "write x." + name + "(...)";
    } else if (const std::string_view nearest = nearest_name(name, known); !nearest.empty()) {
      remedy = "did you mean '" + std::string(nearest) + "'?";
    }
    return refuse(node(id), "there is no function '" + name + "'", std::move(remedy), Code::kNotFound);
  }

  std::unexpected<Error> wrong_arguments(NodeId id, const std::string& name) {
    std::string given;
    for (const NodeId argument : node(id).children)
      given += (given.empty() ? "" : ", ") + to_string(node(argument).type);
    std::string known;
    for (const Overload& overload : overloads()) {
      if (overload.function->name != name || overload.method != (node(id).kind == NodeKind::kMethod)) continue;
      known += known.empty() ? "it takes " : " or ";
      for (std::size_t i = 0; i < overload.count; ++i)
        known += (i > 0 ? ", " : "(") + to_string(overload.parameters[i]);
      known += ")";
    }
    return refuse(node(id), "'" + name + "' does not take (" + given + ")", std::move(known));
  }

  static std::string described(Type type) {
    std::string name = to_string(type);
    if (name == "null") return name;
    return (std::string_view("aeiou").find(name[0]) != std::string_view::npos ? "an " : "a ") + name;
  }

  struct Item {
    std::string name;
    Type type;
  };

  Expression& made_;
  const VariableTable& variables_;
  ZoneCache& zones_;
  std::vector<Item> items_;  // of the macros around, the outermost first
  std::size_t steps_ = 0;    // of all patterns
};

}  // namespace

Status check_expression(Expression& expression, const VariableTable& variables, ZoneCache& zones) {
  return Checker(expression, variables, zones).check(expression.root);
}

}  // namespace vigie::rules
