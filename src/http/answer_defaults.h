// What every answer tells browsers and caches unless its handler has told them something else. Answers hold data of
// persons, so that nobody keeps them; and they are for programs, so that no page shows them in a frame or runs what is
// in them (OWASP REST Security Cheat Sheet, "Security Headers").
#pragma once

#include <string>
#include <string_view>

namespace vigie::http {

class AnswerDefaults {
 public:
  // `strict_transport`: browsers shall come back over TLS only, for a year (RFC 6797). Only for answers over TLS.
  explicit AnswerDefaults(bool strict_transport);

  // Appends those fields, as whole lines, whose names `headers`, whole lines too, does not have.
  void append_to(std::string& out, std::string_view headers) const;

 private:
  bool strict_transport_;
  std::string all_;
};

}  // namespace vigie::http
