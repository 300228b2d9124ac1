#include "rules/random_expressions.h"

namespace vigie::rules {

std::string RandomExpressions::condition(int depth) {
  if (depth <= 0) {
    return one_of({"true", "false", "nouveau_terminal", "has(pays)", "has(delai)", "montant > 10000.0", "pays == 'NG'",
                   "1 / 0 == 1", "has(historique.moyenne)", "quelconque == 1", "dyn('a') && true"});
  }
  const int next = depth - 1;
  switch (choose_(14)) {
    case 0: return "(" + condition(next) + " && " + condition(next) + ")";
    case 1: return "(" + condition(next) + " || " + condition(next) + ")";
    case 2: return "(" + condition(next) + " && " + condition(next) + " && " + condition(next) + ")";
    case 3: return "!" + condition(0);
    case 4: return "(" + condition(next) + " ? " + condition(next) + " : " + condition(next) + ")";
    case 5: return number(next) + one_of({" < ", " <= ", " > ", " >= ", " == ", " != "}) + number(next);
    case 6: return number(next) + one_of({" < ", " <= ", " > ", " >= ", " == ", " != "}) + count(next);
    case 7: return text(next) + one_of({" < ", " <= ", " > ", " >= ", " == ", " != "}) + text(next);
    case 8: return text(next) + " in " + list(next);
    case 9:
      return text(next) + one_of({".contains(", ".startsWith(", ".endsWith("}) + text(next) + ")" +
             one_of({"", "", " && client_id.matches('^C1')", " || pays.matches('(N|R).')"});
    case 10: return time(next) + one_of({" < ", " <= ", " > ", " >= ", " == ", " != "}) + time(next);
    case 11: return any(next) + one_of({" == ", " != ", " < ", " >= "}) + any(next);
    case 12: {
      if (loops_ == 2) return list(next) + " == " + list(next);
      ++loops_;
      const std::string item(1, static_cast<char>('p' + loops_));
      std::string made = list(next) + one_of({".all(", ".exists(", ".exists_one("}) + item + ", ";
      made += choose_(2) == 0 ? item + " == " + text(next) + ")" : "(" + item + " < 'P' || " + condition(next) + "))";
      --loops_;
      return made;
    }
    default:
      return one_of({"nuit(", "week_end("}) + time(next) + one_of({")", ", 'Europe/Paris')", ", '-03:00')", ", type)"});
  }
}

std::string RandomExpressions::number(int depth) {
  if (depth <= 0) return one_of({"montant", "historique.moyenne", "score_modele", "0.0", "-1.5", "1e300", "12000.0"});
  const int next = depth - 1;
  switch (choose_(4)) {
    case 0: return "(" + condition(next) + " ? " + number(next) + " : " + number(next) + ")";
    case 1: return "double(" + count(next) + ")";
    case 2: return "-" + number(0);
    default: return "(" + number(next) + one_of({" + ", " - ", " * ", " / "}) + number(next) + ")";
  }
}

std::string RandomExpressions::count(int depth) {
  if (depth <= 0) return one_of({"historique.n_24h", "0", "1", "-3", "9223372036854775807", "7"});
  const int next = depth - 1;
  switch (choose_(6)) {
    case 0: return "size(" + text(next) + ")";
    case 1: return list(next) + ".size()";
    case 2: return "int(" + number(next) + ")";
    case 3: return "heure(" + time(next) + ")";
    case 4: return time(next) + one_of({".getDayOfYear()", ".getMinutes('+05:30')", ".getFullYear('Europe/Paris')"});
    default: return "(" + count(next) + one_of({" + ", " - ", " * ", " / ", " % "}) + count(next) + ")";
  }
}

std::string RandomExpressions::text(int depth) {
  if (depth <= 0) return one_of({"pays", "type", "client_id", "'NG'", "''", "'Dépôt'", "\"é\""});
  const int next = depth - 1;
  switch (choose_(5)) {
    case 0: return "(" + text(next) + " + " + text(next) + ")";
    case 1: return "fold(" + text(next) + ")";
    case 2: return "string(" + any(next) + ")";
    case 3: return list(next) + "[" + count(0) + "]";
    default: return "(" + condition(next) + " ? " + text(next) + " : " + text(next) + ")";
  }
}

std::string RandomExpressions::list(int depth) {
  if (depth <= 0) return one_of({"pays_suspect", "['NG', 'FR']", "[]", "['a' + 'b', fold('É')]"});
  const int next = depth - 1;
  switch (choose_(4)) {
    case 0: return "(" + list(next) + " + " + list(next) + ")";
    case 1: return "[" + text(next) + ", " + text(next) + "]";
    default: {
      if (loops_ == 2) return list(0);
      ++loops_;
      const std::string item(1, static_cast<char>('p' + loops_));
      std::string made = list(next);
      switch (choose_(3)) {
        case 0: made += ".map(" + item + ", " + item + " + " + text(next) + ")"; break;
        case 1:
          made += ".map(" + item + ", " + item + " != 'NG' && " + condition(next) + ", fold(" + item + "))";
          break;
        default: made += ".filter(" + item + ", " + item + " == 'NG' || " + condition(next) + ")";
      }
      --loops_;
      return made;
    }
  }
}

std::string RandomExpressions::time(int depth) {
  if (depth <= 0)
    return one_of(
        {"date_transaction", "timestamp('2026-01-31T08:00:00Z')", "timestamp(7)", "timestamp(historique.n_24h)"});
  const int next = depth - 1;
  return "(" + time(next) + one_of({" + ", " - "}) + one_of({"delai", "duration('36h')", "duration('-1.5s')"}) + ")";
}

std::string RandomExpressions::any(int depth) {
  if (depth <= 0) return one_of({"dyn(1)", "dyn(1.0)", "dyn(2u)", "quelconque", "dyn('NG')", "dyn(null)", "dyn(b'x')"});
  const int next = depth - 1;
  switch (choose_(6)) {
    case 0: return "dyn(" + number(next) + ")";
    case 1: return "dyn(" + count(next) + ")";
    case 2: return "dyn(" + text(next) + ")";
    case 3: return "dyn(" + list(next) + ")";
    case 4: return "(" + any(next) + one_of({" + ", " * ", " % "}) + any(next) + ")";
    default: return "dyn(" + condition(next) + ")";
  }
}

}  // namespace vigie::rules
