// Words and numbers of the model card: everything that came from outside is escaped here and nowhere else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vigie::model {

// The same words in both languages, markup allowed: callers escape what they put in.
struct Text {
  std::string en;
  std::string fr;
};

// Text for HTML and SVG, in content and in quoted attributes. Bytes that are not UTF-8 become U+FFFD.
std::string escape_html(std::string_view text);

// <element lang="en">...</element><element lang="fr">...</element>; the style sheet shows one of the two.
std::string say(const Text& text, std::string_view element = "span", std::string_view attributes = {});
Text same(const std::string& words);  // one wording for both

// A number as French has it: a comma before its decimals.
std::string with_comma(std::string number);
// A number that stands by itself: in both languages where they write it differently, without an element where not,
// unless one is asked for.
std::string in_both(const std::string& number, std::string_view element = {}, std::string_view attributes = {});

// How rows were set aside (Evaluation::split), which training says in English. What it never says stays as it is.
Text split_text(std::string_view split);

std::string fixed(double number, int digits);  // "0.8423"; "-0" never
std::string short_number(double number);       // 3 significant digits: "0.0123", "1.2e-05"
std::string count(double number);              // "284 807", narrow no-break spaces
std::string percent(double share);             // "0.173 %"

}  // namespace vigie::model
