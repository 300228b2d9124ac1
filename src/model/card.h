// card.html: the model card (Mitchell et al., 2019), one self-contained page in English and French for people who must
// decide whether to trust the model. No scripts, nothing from outside; renders under a policy of
// "default-src 'none'; style-src 'unsafe-inline'".
#pragma once

#include <span>
#include <string>

#include "model/package.h"
#include "model/transaction_model.h"

namespace vigie::model {

// `files`: the package's other files, for the section that says how to check them; card.html itself is skipped. A card
// cannot show the package's version, which follows from the card's own bytes among others.
std::string card_html(const CardModel& model, std::span<const PackageInfo::File> files);
std::string card_html(const TransactionModel& model, std::span<const PackageInfo::File> files);

}  // namespace vigie::model
