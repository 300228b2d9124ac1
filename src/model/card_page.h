// The page around a model card's sections: what every kind of model's card has in common.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "model/card_text.h"
#include "model/package.h"

namespace vigie::model {

// A whole HTML document: `header` and `sections` are HTML already, `name` and `software_version` are not.
std::string card_page(std::string_view name, std::string_view software_version, const std::string& header,
                      const std::string& sections);
// <header> with the language switch: what kind of card, the model's name, and what follows them.
std::string card_page_header(const Text& kind, std::string_view name, const std::string& rest);

std::string card_heading(const Text& text);                        // <h2>
std::string card_row(const Text& name, const std::string& value);  // of a table with a name and a figure
std::string card_bullets(std::initializer_list<Text> items);
std::string card_figure(const std::string& svg, const Text& heading, const Text& caption);
// The rows of a table of files with their hashes; card.html itself is skipped.
std::string card_file_rows(std::string_view data_sha256, std::span<const PackageInfo::File> files);

}  // namespace vigie::model
