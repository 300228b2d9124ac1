// What a model is worth as time goes on: trained on some days, tried on later ones, several times over. Of the
// "Reproducible Machine Learning for Credit Card Fraud Detection" handbook (Le Borgne et al. 2022), chapter 5.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::model {

struct PrequentialFold {
  std::string train_from;  // first day, "2018-07-25"
  std::string test_from;
  std::uint64_t train_rows = 0;
  std::uint64_t train_positives = 0;
  std::uint64_t test_rows = 0;  // without the clients that are known to be compromised
  std::uint64_t test_positives = 0;
};

struct PrequentialFigures {
  double roc_auc = 0;
  double average_precision = 0;
  // Mean over the test's days of the share of compromised clients among the `cards` most suspicious ones, those found
  // on a day before left out.
  double card_precision = 0;
};

// A figure's name in JSON, tables and the card.
struct PrequentialMetric {
  std::string_view name;
  std::string_view title_en;
  std::string_view title_fr;
  double PrequentialFigures::* field;
};
inline constexpr PrequentialMetric kPrequentialMetrics[] = {
    {"roc_auc", "ROC-AUC", "ROC-AUC", &PrequentialFigures::roc_auc},
    {"average_precision", "Average precision", "Précision moyenne", &PrequentialFigures::average_precision},
    {"card_precision", "Card precision", "Précision par carte", &PrequentialFigures::card_precision},
};

struct PrequentialScorer {
  std::string name;                         // "xgboost", "xgboost on the handbook's inputs"
  std::vector<PrequentialFigures> folds{};  // one a fold
  PrequentialFigures mean{};
  PrequentialFigures deviation{};  // of the folds, as a sample; 0 for one fold
};

struct Prequential {
  std::uint32_t train_days = 7;
  std::uint32_t delay_days = 7;  // until a fraud is known: no day of the delay is learnt from or tried on
  std::uint32_t test_days = 7;
  std::uint32_t cards = 100;
  std::vector<PrequentialFold> folds{};  // latest first
  std::vector<PrequentialScorer> scorers{};
};

}  // namespace vigie::model
