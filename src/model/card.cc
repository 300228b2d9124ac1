#include "model/card.h"

#include "model/card_page.h"
#include "model/card_sections.h"

namespace vigie::model {

std::string card_html(const CardModel& model, std::span<const PackageInfo::File> files) {
  std::string sections;
  for (const auto section : {card_purpose, card_results, card_threshold, card_understanding, card_contributions,
                             card_seeds, card_data, card_making, card_caveats}) {
    sections += section(model);
  }
  return card_page(model.name, model.software_version, card_header(model), sections + card_checking(model, files));
}

}  // namespace vigie::model
