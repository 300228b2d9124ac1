#include "model/card_page.h"

#include <fmt/format.h>

#include "model/card_style.h"

namespace vigie::model {

std::string card_page(std::string_view name, std::string_view software_version, const std::string& header,
                      const std::string& sections) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
  out += escape_html(name) + " · model card · Vigie</title>\n<style>";
  out += kCardStyle;
  out +=
      "</style>\n</head>\n<body>\n"
      "<input class=\"pick\" type=\"radio\" name=\"lang\" id=\"lang-en\" aria-label=\"English\" checked>"
      "<input class=\"pick\" type=\"radio\" name=\"lang\" id=\"lang-fr\" aria-label=\"Français\">\n<div "
      "class=\"page\">\n";
  out += header + "<main>\n" + sections + "</main>\n<footer>";
  const std::string version = escape_html(software_version);
  out += say({"Made by vigie " + version + " from the model's own files, as " +
                  "“Model Cards for Model Reporting” (Mitchell et al., 2019) asks.",
              "Produite par vigie " + version + " à partir des fichiers du modèle, selon " +
                  "« Model Cards for Model Reporting » (Mitchell et al., 2019)."});
  return out + "</footer>\n</div>\n</body>\n</html>\n";
}

std::string card_page_header(const Text& kind, std::string_view name, const std::string& rest) {
  return "<header>\n<div class=\"lang\"><label for=\"lang-en\">English</label>"
         "<label for=\"lang-fr\">Français</label></div>\n<p class=\"eyebrow\">" +
         say(kind) + "</p>\n<h1>" + escape_html(name) + "</h1>\n" + rest + "</header>\n";
}

std::string card_heading(const Text& text) { return "<h2>" + say(text) + "</h2>\n"; }

std::string card_row(const Text& name, const std::string& value) {
  return "<tr><th scope=\"row\">" + say(name) + "</th><td class=\"number\">" + value + "</td></tr>\n";
}

std::string card_bullets(std::initializer_list<Text> items) {
  std::string out = "<ul>";
  for (const Text& item : items) out += "<li>" + say(item) + "</li>";
  return out + "</ul>";
}

std::string card_figure(const std::string& svg, const Text& heading, const Text& caption) {
  return "<figure><h3>" + say(heading) + "</h3>" + svg + "<figcaption>" + say(caption) + "</figcaption></figure>\n";
}

std::string card_file_rows(std::string_view data_sha256, std::span<const PackageInfo::File> files) {
  std::string out = "<tr><th scope=\"row\">" + say({"training data", "données d’apprentissage"}) +
                    "</th><td class=\"mono\">" + escape_html(data_sha256) + "</td></tr>\n";
  for (const auto& file : files) {
    if (file.name == "card.html") continue;
    out += fmt::format("<tr><th scope=\"row\">{}</th><td class=\"mono\">{}</td></tr>\n", escape_html(file.name),
                       escape_html(file.sha256));
  }
  return out;
}

}  // namespace vigie::model
