#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/number.h"
#include "rules/expression.h"
#include "rules/lexer.h"

namespace vigie::rules {
namespace {

struct Binary {
  std::string_view symbol;
  Operator op;
  int binding;  // the tighter, the larger
};

constexpr std::array<Binary, 12> kBinaries = {{{"==", Operator::kEqual, 1},
                                               {"!=", Operator::kUnequal, 1},
                                               {"<", Operator::kLess, 1},
                                               {"<=", Operator::kLessEqual, 1},
                                               {">", Operator::kGreater, 1},
                                               {">=", Operator::kGreaterEqual, 1},
                                               {"in", Operator::kIn, 1},
                                               {"+", Operator::kAdd, 2},
                                               {"-", Operator::kSubtract, 2},
                                               {"*", Operator::kMultiply, 3},
                                               {"/", Operator::kDivide, 3},
                                               {"%", Operator::kModulo, 3}}};
constexpr int kTightest = 3;

struct MacroName {
  std::string_view name;
  Macro macro;
  std::size_t least, most;  // arguments
};

constexpr std::array<MacroName, 5> kMacros = {{{"all", Macro::kAll, 2, 2},
                                               {"exists", Macro::kExists, 2, 2},
                                               {"exists_one", Macro::kExistsOne, 2, 2},
                                               {"map", Macro::kMap, 2, 3},
                                               {"filter", Macro::kFilter, 2, 2}}};

// Recursive descent; each level of the grammar is one function, and `depth_` bounds how far they call themselves.
class Parser {
 public:
  Parser(std::string_view text, std::vector<Token> tokens) : tokens_(std::move(tokens)) { made_.text = text; }

  Result<Expression> run() {
    if (token().kind == TokenKind::kEnd)
      return refuse(token(), "the expression is empty", "write a condition such as montant > 1000.0");
    made_.root = VIGIE_TRY(conditional());
    if (token().kind != TokenKind::kEnd) return unexpected_token();
    return std::move(made_);
  }

 private:
  const Token& token() const { return tokens_[at_]; }
  bool is(std::string_view symbol) const {
    return (token().kind == TokenKind::kSymbol || token().kind == TokenKind::kKeyword) && token().text == symbol;
  }
  bool take(std::string_view symbol) {
    if (!is(symbol)) return false;
    ++at_;
    return true;
  }

  std::unexpected<Error> refuse(const Token& where, std::string message, std::string remedy,
                                Code code = Code::kInvalidData) const {
    return fail(code, std::move(message), place_at(made_.text, where.at), std::move(remedy));
  }

  std::unexpected<Error> unexpected_token() const {
    const Token& found = token();
    if (found.kind == TokenKind::kEnd) {
      return refuse(found, "the expression ends too soon", "write what belongs behind its last word");
    }
    const std::string shown = "'" + std::string(found.text) + "' does not belong here";
    if (found.kind == TokenKind::kReserved) {
      return refuse(found, "'" + std::string(found.text) + "' is a reserved word", "give the field another name");
    }
    if (is("{")) {
      return refuse(found, "maps and messages are not part of the rules' language", "use lists and fields",
                    Code::kUnsupported);
    }
    const bool behind = at_ > 0 && tokens_[at_ - 1].kind == TokenKind::kSymbol;
    if (is("?") && behind && std::string_view(".[{,").find(tokens_[at_ - 1].text) != std::string_view::npos) {
      return refuse(found, "optional values are not part of the rules' language", "ask with has(field)",
                    Code::kUnsupported);
    }
    if (found.kind == TokenKind::kName) {
      for (const auto& [word, symbol] :
           {std::pair{"and", "&&"}, {"AND", "&&"}, {"et", "&&"}, {"or", "||"}, {"OR", "||"}, {"ou", "||"}}) {
        if (found.text == word) return refuse(found, shown, std::string("write ") + symbol);
      }
      if (found.text == "not") return refuse(found, shown, "write !(x in list)");
    }
    if (at_ > 0 && tokens_[at_ - 1].text == "not") {
      return refuse(tokens_[at_ - 1], "'not' does not belong here", "write ! for it, as in !has(pays)");
    }
    const auto is_number = [](const Token& t) { return t.kind == TokenKind::kInt || t.kind == TokenKind::kDouble; };
    if (at_ > 0 && is_number(tokens_[at_ - 1]) && (is_number(found) || is(","))) {
      return refuse(found, shown,
                    "write numbers without groups and with a point, as in 10000.5, and && or || between conditions");
    }
    if (is("-")) return refuse(found, shown, "put it into brackets behind !, as in !(-montant > 0.0)");
    return refuse(found, shown, "write an operator such as &&, || or == between two values, and close each bracket");
  }

  Status expect(std::string_view symbol) {
    if (take(symbol)) return {};
    if (token().kind != TokenKind::kEnd) return unexpected_token();
    return refuse(token(), "'" + std::string(symbol) + "' is missing", "close each bracket and finish what was begun");
  }

  NodeId add(Node node) {
    for (const NodeId child : node.children) node.height = std::max(node.height, made_.nodes[child].height + 1);
    made_.nodes.push_back(std::move(node));
    return static_cast<NodeId>(made_.nodes.size() - 1);
  }

  // Chains of operators grow the tree without growing the recursion of this parser.
  Status check_height(NodeId id, const Token& where) const {
    if (made_.nodes[id].height <= kMostDepth) return {};
    return too_deep(where);
  }
  std::unexpected<Error> too_deep(const Token& where) const {
    return refuse(where, "the expression is nested more than 96 levels deep", "split it into several rules");
  }

  Result<NodeId> conditional() {
    if (depth_ >= kMostDepth) return too_deep(token());
    ++depth_;
    const NodeId condition = VIGIE_TRY(chain(NodeKind::kOr));
    NodeId made = condition;
    if (const Token& where = token(); take("?")) {
      const NodeId yes = VIGIE_TRY(chain(NodeKind::kOr));
      VIGIE_TRY(expect(":"));
      const NodeId no = VIGIE_TRY(conditional());
      made = add({.kind = NodeKind::kConditional, .at = where.at, .children = {condition, yes, no}});
      VIGIE_TRY(check_height(made, where));
    }
    --depth_;
    return made;
  }

  // a || b || c, and a && b && c.
  Result<NodeId> chain(NodeKind kind) {
    const std::string_view symbol = kind == NodeKind::kOr ? "||" : "&&";
    const auto part = [&] { return kind == NodeKind::kOr ? chain(NodeKind::kAnd) : binary(1); };
    const NodeId first = VIGIE_TRY(part());
    if (!is(symbol)) return first;
    const Token& where = token();
    std::vector<NodeId> parts = {first};
    while (take(symbol)) parts.push_back(VIGIE_TRY(part()));
    const NodeId made = add({.kind = kind, .at = where.at, .children = std::move(parts)});
    VIGIE_TRY(check_height(made, where));
    return made;
  }

  Result<NodeId> binary(int binding) {
    if (binding > kTightest) return unary();
    NodeId left = VIGIE_TRY(binary(binding + 1));
    while (true) {
      const auto found =
          std::ranges::find_if(kBinaries, [&](const Binary& b) { return b.binding == binding && is(b.symbol); });
      if (found == kBinaries.end()) return left;
      const Token& where = token();
      ++at_;
      const NodeId right = VIGIE_TRY(binary(binding + 1));
      left = add({.kind = NodeKind::kBinary, .op = found->op, .at = where.at, .children = {left, right}});
      VIGIE_TRY(check_height(left, where));
    }
  }

  Result<NodeId> unary() {
    const std::size_t begin = at_;
    while (is("!")) ++at_;
    if (at_ == begin) {
      while (is("-")) ++at_;
      // The sign belongs to the number: the smallest int has no positive counterpart.
      const bool number = token().kind == TokenKind::kInt || token().kind == TokenKind::kDouble;
      if (at_ > begin && number) --at_;
    }
    const std::size_t end = at_;
    const NodeKind kind = end > begin && tokens_[begin].text == "!" ? NodeKind::kNot : NodeKind::kNegate;
    NodeId made = VIGIE_TRY(member());
    for (std::size_t i = end; i > begin; --i) {
      made = add({.kind = kind, .at = tokens_[i - 1].at, .children = {made}});
      VIGIE_TRY(check_height(made, tokens_[i - 1]));
    }
    return made;
  }

  Result<NodeId> member() {
    NodeId made = VIGIE_TRY(primary());
    while (true) {
      const Token& where = token();
      if (take(".")) {
        const Token& name = token();
        if (name.kind != TokenKind::kName && name.kind != TokenKind::kReserved) return unexpected_token();
        ++at_;
        if (is("(")) {
          made = VIGIE_TRY(method(made, name));
        } else {
          made = add({.kind = NodeKind::kSelect, .at = name.at, .name = std::string(name.text), .children = {made}});
        }
      } else if (take("[")) {
        const NodeId index = VIGIE_TRY(conditional());
        VIGIE_TRY(expect("]"));
        made = add({.kind = NodeKind::kIndex, .at = where.at, .children = {made, index}});
      } else if (is("{")) {
        return unexpected_token();
      } else {
        return made;
      }
      VIGIE_TRY(check_height(made, where));
    }
  }

  Result<NodeId> method(NodeId target, const Token& name) {
    std::vector<NodeId> arguments = VIGIE_TRY(listed("(", ")"));
    const auto macro = std::ranges::find(kMacros, name.text, &MacroName::name);
    if (macro == kMacros.end()) {
      arguments.insert(arguments.begin(), target);
      return add(
          {.kind = NodeKind::kMethod, .at = name.at, .name = std::string(name.text), .children = std::move(arguments)});
    }
    if (arguments.size() == macro->most + 1) {
      return refuse(name, "macros with two names are not part of the rules' language",
                    "write list." + std::string(name.text) + "(x, ...)", Code::kUnsupported);
    }
    if (arguments.size() < macro->least || arguments.size() > macro->most) {
      return refuse(name, "'" + std::string(name.text) + "' takes a name and a condition",
                    "write list." + std::string(name.text) + "(x, ...)");
    }
    const Node& item = made_.nodes[arguments[0]];
    if (item.kind != NodeKind::kName) {
      return fail(Code::kInvalidData, "'" + std::string(name.text) + "' takes a name for the items first",
                  place_at(made_.text, item.at), "write list." + std::string(name.text) + "(x, ...)");
    }
    std::string item_name = item.name;
    arguments[0] = target;
    return add({.kind = NodeKind::kMacro,
                .macro = macro->macro,
                .at = name.at,
                .name = std::move(item_name),
                .children = std::move(arguments)});
  }

  // [a, b, c] and (a, b, c); a list may end with a comma.
  Result<std::vector<NodeId>> listed(std::string_view open, std::string_view close) {
    VIGIE_TRY(expect(open));
    std::vector<NodeId> items;
    if (take(close)) return items;
    while (true) {
      items.push_back(VIGIE_TRY(conditional()));
      if (take(",")) {
        if (close == "]" && take(close)) return items;
        continue;
      }
      VIGIE_TRY(expect(close));
      return items;
    }
  }

  Result<NodeId> primary() {
    const Token& first = token();
    switch (first.kind) {
      case TokenKind::kInt:
      case TokenKind::kUint:
      case TokenKind::kDouble: ++at_; return number(first, false);
      case TokenKind::kString:
      case TokenKind::kBytes:
        ++at_;
        return add({.at = first.at,
                    .name = first.value,
                    .value = first.kind == TokenKind::kString ? Value::string({}) : Value::bytes({})});
      case TokenKind::kKeyword:
        if (first.text == "in") break;
        ++at_;
        return add(
            {.at = first.at, .value = first.text == "null" ? Value::null() : Value::boolean(first.text == "true")});
      case TokenKind::kName: return name();
      case TokenKind::kSymbol:
        if (is("-")) {
          const Token& digits = tokens_[at_ + 1];
          if (digits.kind == TokenKind::kEnd) ++at_;
          if (digits.kind != TokenKind::kInt && digits.kind != TokenKind::kDouble) return unexpected_token();
          at_ += 2;
          return number(digits, true);
        }
        if (take("(")) {
          const NodeId inside = VIGIE_TRY(conditional());
          VIGIE_TRY(expect(")"));
          return inside;
        }
        if (is("[")) {
          std::vector<NodeId> items = VIGIE_TRY(listed("[", "]"));
          return add({.kind = NodeKind::kList, .at = first.at, .children = std::move(items)});
        }
        if (take(".")) {
          if (token().kind != TokenKind::kName) return unexpected_token();
          return name();
        }
        break;
      case TokenKind::kEnd:
      case TokenKind::kReserved: break;
    }
    return unexpected_token();
  }

  Result<NodeId> name() {
    const Token& name = token();
    ++at_;
    if (!is("(")) return add({.kind = NodeKind::kName, .at = name.at, .name = std::string(name.text)});
    std::vector<NodeId> arguments = VIGIE_TRY(listed("(", ")"));
    if (name.text == "has") {
      const NodeKind kind = arguments.size() == 1 ? made_.nodes[arguments[0]].kind : NodeKind::kLiteral;
      if (kind != NodeKind::kName && kind != NodeKind::kSelect) {
        return refuse(name, "has() takes one field", "write has(pays)");
      }
      return add({.kind = NodeKind::kHas, .at = name.at, .children = std::move(arguments)});
    }
    return add(
        {.kind = NodeKind::kCall, .at = name.at, .name = std::string(name.text), .children = std::move(arguments)});
  }

  Result<NodeId> number(const Token& digits, bool negative) {
    const std::uint32_t at = negative ? tokens_[at_ - 2].at : digits.at;
    std::string_view text = digits.text;
    if (digits.kind == TokenKind::kDouble) {
      const std::optional<double> value = parse_double(text);
      if (!value) return refuse(digits, "this number is too large for a double", "doubles end at 1.8e308");
      return add({.at = at, .value = Value::number(negative ? -*value : *value)});
    }
    if (digits.kind == TokenKind::kUint) text.remove_suffix(1);
    const bool hex = text.starts_with("0x") || text.starts_with("0X");
    if (hex) text.remove_prefix(2);
    std::uint64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
    if (digits.kind == TokenKind::kUint) {
      if (read.ec != std::errc())
        return refuse(digits, "this number is too large for a uint", "uints end at 18446744073709551615");
      return add({.at = at, .value = Value::unsigned_integer(value)});
    }
    const std::uint64_t most = std::uint64_t{INT64_MAX} + (negative ? 1 : 0);
    if (read.ec != std::errc() || value > most) {
      return refuse(digits, "this number is too large for an int", "write it with .0 as a double");
    }
    return add({.at = at, .value = Value::integer(static_cast<std::int64_t>(negative ? 0 - value : value))});
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::uint32_t depth_ = 0;
  Expression made_;
};

}  // namespace

Result<Expression> parse_expression(std::string_view text) {
  std::vector<Token> tokens = VIGIE_TRY(lex(text));
  return Parser(text, std::move(tokens)).run();
}

Value literal(const Node& node) {
  if (node.value.kind() == Kind::kString) return Value::string(node.name);
  if (node.value.kind() == Kind::kBytes) return Value::bytes(node.name);
  return node.value;
}

}  // namespace vigie::rules
