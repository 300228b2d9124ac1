#include "model/card.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/utf8.h"
#include "model/card_contents.h"
#include "model/card_text.h"
#include "model/package_contents.h"
#include "model/plots.h"
#include "model/sample_model.h"
#include "schema/card.h"

namespace vigie::model {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string sample_card() {
  const CardModel model = sample_card_model();
  return card_html(model, std::vector<PackageInfo::File>{{.name = "model.json", .bytes = 1, .sha256 = "feed"}});
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

TEST(CardTest, NeedsNothingFromOutsideAndNoScript) {
  const std::string html = sample_card();
  for (const char* forbidden : {"<script", "http://", "https://", "url(", "@import", "<link", "<img", "javascript:"}) {
    EXPECT_THAT(html, Not(HasSubstr(forbidden)));
  }
  EXPECT_THAT(html, HasSubstr("default-src 'none'; style-src 'unsafe-inline'"));
  EXPECT_TRUE(is_utf8(html));
}

TEST(CardTest, ShowsTheModelsFigures) {
  const CardModel model = sample_card_model();
  const std::string html = sample_card();
  for (const auto& scorer : model.evaluation.scorers) {
    for (const Metric& metric : kMetrics) {
      EXPECT_THAT(html, HasSubstr(fixed((scorer.*metric.field).value, 4))) << scorer.scorer << " " << metric.name;
    }
  }
  EXPECT_THAT(html, HasSubstr(model.data.sha256));
  EXPECT_THAT(html, HasSubstr("model.json</th><td class=\"mono\">feed"));
  EXPECT_THAT(html, HasSubstr("227\u202F845"));
  EXPECT_THAT(html, HasSubstr("xgboost.learning_rate"));
  EXPECT_EQ(count_of(html, "<figure class=\"small\">"), 37u);
  for (const char* plot :
       {"ROC curve", "Precision-recall curve", "Threshold curve", "Score distribution", "Calibration"}) {
    EXPECT_THAT(html, HasSubstr("<title>" + std::string(plot) + "</title>"));
  }
}

TEST(CardTest, SaysWhatMovesTheScore) {
  CardModel model = sample_card_model();
  Contributions& contributions = *model.reference.contributions;
  contributions.mean_absolute[9] = 0.5;  // V10
  contributions.positives_mean_absolute[27] = 0.75;
  std::string html = card_html(model, {});
  EXPECT_THAT(html, HasSubstr("Measured on a sample of 400 rows, 200 of them frauds"));
  EXPECT_THAT(html,
              HasSubstr("<tr><th scope=\"row\">V10</th><td class=\"bar ensemble\"><i style=\"width:100.0%\"></i></td>"
                        "<td><span lang=\"en\">0.5000</span><span lang=\"fr\">0,5000</span></td></tr>"));
  EXPECT_THAT(html,
              HasSubstr("<tr><th scope=\"row\">V28</th><td class=\"bar fraud\"><i style=\"width:100.0%\"></i></td>"
                        "<td><span lang=\"en\">0.7500</span><span lang=\"fr\">0,7500</span></td></tr>"));
  for (const Dependence& dependence : contributions.dependence) {
    EXPECT_THAT(html, HasSubstr("<title>" + dependence.feature + " dependence</title>"));
    EXPECT_THAT(html, HasSubstr(short_number(dependence.mean[4]) + " at -4;"));
  }
  contributions.dependence.clear();
  html = card_html(model, {});
  EXPECT_THAT(html, HasSubstr("What moves the score"));
  EXPECT_THAT(html, Not(HasSubstr("How the contribution depends")));
  model.reference.contributions.reset();
  EXPECT_THAT(card_html(model, {}), Not(HasSubstr("What moves the score")));
}

TEST(CardTest, SaysEverythingInBothLanguages) {
  const std::string html = sample_card();
  // The one more is <html lang="en">, the others come in pairs (style rules use [lang=..]).
  EXPECT_EQ(count_of(html, " lang=\"en\""), count_of(html, " lang=\"fr\"") + 1);
  EXPECT_GT(count_of(html, " lang=\"fr\""), 50u);
}

TEST(CardTest, ElementsAreClosed) {
  const std::string html = sample_card();
  for (const char* element :
       {"section", "div", "figure", "table", "svg", "ul", "li", "p", "span", "text", "main", "dl", "td", "h2", "h3"}) {
    const std::string name = element;
    EXPECT_EQ(count_of(html, "<" + name + ">") + count_of(html, "<" + name + " "), count_of(html, "</" + name + ">"))
        << name;
  }
}

TEST(CardTest, NamesFromOutsideCannotBecomeMarkup) {
  const std::string attack = "\"><script>alert('1')</script>&\xff";
  CardModel model = sample_card_model();
  model.name = model.software_version = model.created_at = attack;
  model.data.sha256 = attack;
  model.evaluation.split = attack;
  model.threshold.policy = attack;
  model.combination.method = attack;
  model.combination.terms[0].member = attack;
  model.parameters = {{attack, attack}};
  model.evaluation.scorers[0].scorer = attack;
  for (auto& feature : model.reference.features) feature.name = attack;
  for (auto& dependence : model.reference.contributions->dependence) dependence.feature = attack;
  for (auto& seed : model.seeds) seed.scorer = seed.metric = attack;
  const std::string html =
      card_html(model, std::vector<PackageInfo::File>{{.name = attack, .bytes = 1, .sha256 = attack}});
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("alert('")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(&#39;1&#39;)"));
  EXPECT_TRUE(is_utf8(html));
  EXPECT_EQ(escape_html("<a href=\"x\" title='y'>&\x01\xff"),
            "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp; \xEF\xBF\xBD");
}

TEST(CardTest, SaysHowTheThresholdWasChosen) {
  const auto text = [](std::string policy, double target) {
    CardModel model = sample_card_model();
    model.threshold.policy = std::move(policy);
    model.threshold.target = target;
    return card_html(model, {});
  };
  EXPECT_THAT(text("f1", 0), HasSubstr("chosen for the highest F1 on out-of-fold scores"));
  EXPECT_THAT(text("precision", 0.9), HasSubstr("precision of at least 0.9 on"));
  EXPECT_THAT(text("recall", 0.8), HasSubstr("un rappel d’au moins 0,8"));
  EXPECT_THAT(text("alerts", 0.002), HasSubstr("a budget of 0.2\u00A0% of transactions"));
  EXPECT_THAT(text("alerts", 1500), HasSubstr("a budget of 1\u202F500 alerts"));
  EXPECT_THAT(text("cost", 20), HasSubstr("a missed fraud costing 20 times a false alarm"));
  EXPECT_THAT(text("cost", 0), HasSubstr("chosen for the least cost on"));
  EXPECT_THAT(text("given", 0.5), HasSubstr("</b>, a value that was given."));
}

TEST(CardTest, DrawsConstantAndEmptyFeatures) {
  CardModel model = sample_card_model();
  for (auto& feature : model.reference.features) {
    feature.edges = {3, 3, 3};
    feature.counts = feature.positive_counts = {0, 0};
    feature.importance = 0;
  }
  model.reference.contributions->mean_absolute.assign(schema::kCardInputs, 0);
  model.reference.contributions->dependence.resize(1);
  auto& dependence = model.reference.contributions->dependence.front();
  dependence.value = dependence.mean = dependence.low = dependence.high = {0};
  for (auto& scorer : model.evaluation.scorers) {
    scorer.roc.clear();
    scorer.calibration.clear();
    scorer.histogram = {};
  }
  const std::string html = card_html(model, {});
  EXPECT_THAT(html, Not(HasSubstr("nan")));
  EXPECT_THAT(html, Not(HasSubstr("inf\"")));
}

TEST(CardTest, StoredCardIsWhatThePackageDrawsAgain) {
  const CardModel model = sample_card_model();
  const auto contents = make_contents(model);
  ASSERT_TRUE(contents) << contents.error().to_string();
  const auto loaded = read_card_contents(*contents);
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_EQ(card_html(loaded->model, loaded->info.files), contents->find(kCardFile)->second);
}

TEST(PlotTest, ARibbonGoesForthAlongTheTopAndBackAlongTheBottom) {
  Plot plot(102, 102, {}, {}, true);  // one unit of margin around 100
  const std::vector<double> x = {0, 0.5}, low = {0, 0.25}, high = {1, 0.75};
  plot.ribbon(x, low, high, "band");
  EXPECT_THAT(plot.svg("", ""), HasSubstr(" d=\"M1.0 1.0L51.0 26.0L51.0 76.0L1.0 101.0Z\""));
}

TEST(PlotTest, TicksAreRoundAndInside) {
  EXPECT_THAT((Scale{.low = 0, .high = 1}.ticks(5)), ElementsAre(0, 0.2, 0.2 * 2, 0.2 * 3, 0.2 * 4, 1));
  EXPECT_THAT((Scale{.low = -3, .high = 4}.ticks(4)), ElementsAre(-2, 0, 2, 4));
  EXPECT_EQ((Scale{.low = 1e-4, .high = 1, .log = true}.ticks(5)).size(), 5u);
  EXPECT_EQ((Scale{.low = 2, .high = 2}.ticks(5)).size(), 1u);
  EXPECT_EQ((Scale{.low = 0, .high = 10}.position(-5)), 0);
  EXPECT_EQ((Scale{.low = 0, .high = 10}.position(50)), 1);
  EXPECT_DOUBLE_EQ((Scale{.low = 0.01, .high = 1, .log = true}.position(0.1)), 0.5);
  EXPECT_EQ((Scale{.low = 2, .high = 2}.position(2)), 0);
}

TEST(CardTextTest, WritesNumbersForPeople) {
  EXPECT_EQ(fixed(-0.00001, 3), "0.000");
  EXPECT_EQ(count(1234567), "1\u202F234\u202F567");
  EXPECT_EQ(count(999), "999");
  EXPECT_EQ(count(-1234), "-1\u202F234");
  EXPECT_EQ(percent(0.00172749), "0.173\u00A0%");
  EXPECT_EQ(short_number(-0.0), "0");
  EXPECT_EQ(in_both("12"), "12");
  EXPECT_EQ(in_both("1.5"), "<span lang=\"en\">1.5</span><span lang=\"fr\">1,5</span>");
  EXPECT_EQ(in_both("1", "text", "x=\"2.5\""), "<text x=\"2.5\">1</text>");
}

// What the trainings say of the rows that were set aside.
TEST(CardTextTest, SaysInFrenchHowRowsWereSetAside) {
  EXPECT_EQ(split_text("random hold-out of 20 %").fr, "mise de côté aléatoire de 20 %");
  EXPECT_EQ(split_text("last 12.5 % by Time").fr, "les derniers 12,5 % selon Time");
  EXPECT_EQ(split_text("5 folds, each measured by a fit on the others").fr,
            "5 plis, chacun mesuré par un apprentissage sur les autres");
  EXPECT_EQ(split_text("the 7 days from 2018-08-29 on, 7 days after those learnt from").fr,
            "les 7 jours à partir du 2018-08-29, 7 jours après ceux de l’apprentissage");
  EXPECT_EQ(split_text("file <a>").fr, "file &lt;a&gt;") << "not of a training";
  EXPECT_EQ(split_text("the 7 days from <b>").en, "the 7 days from &lt;b&gt;");
}

}  // namespace
}  // namespace vigie::model
