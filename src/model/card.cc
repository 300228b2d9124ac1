#include "model/card.h"

#include "model/card_sections.h"
#include "model/card_style.h"
#include "model/card_text.h"

namespace vigie::model {

std::string card_html(const CardModel& model, std::span<const PackageInfo::File> files) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
  out += escape_html(model.name) + " · model card · Vigie</title>\n<style>";
  out += kCardStyle;
  out +=
      "</style>\n</head>\n<body>\n"
      "<input class=\"pick\" type=\"radio\" name=\"lang\" id=\"lang-en\" aria-label=\"English\" checked>"
      "<input class=\"pick\" type=\"radio\" name=\"lang\" id=\"lang-fr\" aria-label=\"Français\">\n<div "
      "class=\"page\">\n";
  out += card_header(model);
  out += "<main>\n";
  for (const auto section : {card_purpose, card_results, card_threshold, card_understanding, card_contributions,
                             card_seeds, card_data, card_making, card_caveats}) {
    out += section(model);
  }
  out += card_checking(model, files);
  out += "</main>\n<footer>";
  out += say({"Made by vigie " + escape_html(model.software_version) + " from the model's own files, as " +
                  "“Model Cards for Model Reporting” (Mitchell et al., 2019) asks.",
              "Produite par vigie " + escape_html(model.software_version) + " à partir des fichiers du modèle, selon " +
                  "« Model Cards for Model Reporting » (Mitchell et al., 2019)."});
  out += "</footer>\n</div>\n</body>\n</html>\n";
  return out;
}

}  // namespace vigie::model
