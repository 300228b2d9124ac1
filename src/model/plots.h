// A plot as inline SVG: scales, axes, curves, bars. Colours and dashes are classes of the page's style sheet, so that
// one drawing serves light, dark and paper.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/card_text.h"
#include "model/evaluation.h"

namespace vigie::model {

struct Scale {
  double low = 0;
  double high = 1;
  bool log = false;  // low > 0

  double position(double value) const;  // 0 at low, 1 at high, clamped
  // Round values to mark, about `wanted` of them; decades on a log scale.
  std::vector<double> ticks(int wanted) const;
};

class Plot {
 public:
  // Sizes in SVG user units, margins for axes included unless `bare`.
  Plot(double width, double height, Scale x, Scale y, bool bare = false);

  Plot& axes(const Text& x_title, const Text& y_title);
  Plot& line(std::span<const CurvePoint> points, std::string_view style);
  // The area between two curves over the same x, all of one size.
  Plot& ribbon(std::span<const double> x, std::span<const double> low, std::span<const double> high,
               std::string_view style);
  // Bars between edges (edges.size() == heights.size() + 1) as one closed outline.
  Plot& steps(std::span<const double> edges, std::span<const double> heights, std::string_view style);
  Plot& dot(double x, double y, double radius, std::string_view style);
  Plot& vertical(double x, std::string_view style);
  Plot& horizontal(double y, std::string_view style);
  Plot& band(double x_low, double x_high, std::string_view style);
  // Words at a place of the plot; `anchor` is SVG's text-anchor. Not escaped.
  Plot& label(double x, double y, const Text& words, std::string_view anchor, double dx = 0, double dy = 0);

  // Title and description are what a screen reader says instead of the drawing.
  std::string svg(std::string_view title, std::string_view description) const;

 private:
  double left() const { return bare_ ? 1 : 48; }
  double bottom() const { return bare_ ? 1 : 42; }
  double x_at(double value) const;
  double y_at(double value) const;

  double width_;
  double height_;
  Scale x_;
  Scale y_;
  bool bare_;
  std::string body_;
};

}  // namespace vigie::model
