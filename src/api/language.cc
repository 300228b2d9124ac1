#include "api/language.h"

#include <algorithm>

#include "base/number.h"
#include "http/message.h"

namespace vigie::api {
bool prefers_french(std::string_view accept_language) {
  double french = 0;
  double english = 0;
  while (!accept_language.empty()) {
    const std::string_view item = accept_language.substr(0, accept_language.find(','));
    accept_language.remove_prefix(std::min(accept_language.size(), item.size() + 1));
    const std::string_view range = http::trimmed(item.substr(0, item.find(';')));
    double quality = 1;
    if (const auto q = item.find("q="); q != std::string_view::npos) {
      quality = parse_double(http::trimmed(item.substr(q + 2))).value_or(0);
    }
    const std::string_view language = range.substr(0, range.find('-'));
    if (http::equals_ignoring_case(language, "fr")) french = std::max(french, quality);
    if (http::equals_ignoring_case(language, "en")) english = std::max(english, quality);
  }
  return french > english;
}

}  // namespace vigie::api
